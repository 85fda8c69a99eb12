import { bundleHandler } from '../lib/handler-code.ts';
import { buildForBench } from './build.ts';

export interface Variant {
  readonly name: 'ours' | 'plain' | 'floor';
  readonly what: string;
  /** Absolute path of what Lambda loads. */
  readonly entry: string;
  /** Absolute path of the code, CommonJS: the same as the entry, or loaded by it. */
  readonly code: string;
}

const commonJs = (file: string) => ({ entry: file, code: file });

let built: readonly Variant[] | undefined;

/** What is compared, bundled once. */
export const variants = (): readonly Variant[] => {
  built ??= [
    {
      name: 'ours',
      what: 'the api function as it is deployed',
      ...bundleHandler('api'),
    },
    {
      name: 'plain',
      what: "a handler after AWS's examples, bundled as CDK's NodejsFunction does it",
      // The runtime provides what is external here.
      // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html#externals
      ...commonJs(
        buildForBench('plain', 'bench/plain/handler.ts', { external: ['@aws-sdk/*', '@smithy/*'] }),
      ),
    },
    {
      name: 'floor',
      what: 'the same job on bare Node, without any library',
      ...commonJs(buildForBench('floor', 'bench/floor/handler.ts', { minify: true })),
    },
  ];
  return built;
};
