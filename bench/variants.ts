import { bundleHandler } from '../lib/handler-code.ts';
import { buildForBench } from './build.ts';

export interface Variant {
  readonly name: 'ours' | 'plain' | 'floor';
  readonly description: string;
  /** Absolute path of the module that Lambda loads. */
  readonly entry: string;
  /** Absolute path of the CommonJS code: the entry, or the file that it loads. */
  readonly code: string;
}

const commonJs = (file: string) => ({ entry: file, code: file });

let built: readonly Variant[] | undefined;

/** The compared handlers. Bundled once. */
export const variants = (): readonly Variant[] => {
  built ??= [
    {
      name: 'ours',
      description: 'the deployed api function',
      ...bundleHandler('api'),
    },
    {
      name: 'plain',
      description: "a handler that follows AWS's examples, bundled as by CDK's NodejsFunction",
      // The runtime provides the external packages.
      // Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html#externals
      ...commonJs(
        buildForBench('plain', 'bench/plain/handler.ts', { external: ['@aws-sdk/*', '@smithy/*'] }),
      ),
    },
    {
      name: 'floor',
      description: 'the same job on bare Node, without libraries',
      ...commonJs(buildForBench('floor', 'bench/floor/handler.ts', { minify: true })),
    },
  ];
  return built;
};
