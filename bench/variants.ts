import { join } from 'node:path';
import { bundleHandler } from '../lib/handler-code.ts';
import { buildForBench } from './build.ts';

export interface Variant {
  readonly name: 'ours' | 'plain' | 'floor';
  readonly what: string;
  /** Absolute path of the bundle, CommonJS. */
  readonly file: string;
}

let built: readonly Variant[] | undefined;

/** What is compared, bundled once. */
export const variants = (): readonly Variant[] => {
  built ??= [
    {
      name: 'ours',
      what: 'the api function as it is deployed',
      file: join(bundleHandler('api').directory, 'index.js'),
    },
    {
      name: 'plain',
      what: "a handler after AWS's examples, bundled as CDK's NodejsFunction does it",
      // The runtime provides what is external here.
      // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html#externals
      file: buildForBench('plain', 'bench/plain/handler.ts', { external: ['@aws-sdk/*', '@smithy/*'] }),
    },
    {
      name: 'floor',
      what: 'the same job on bare Node, without any library',
      file: buildForBench('floor', 'bench/floor/handler.ts', { minify: true }),
    },
  ];
  return built;
};
