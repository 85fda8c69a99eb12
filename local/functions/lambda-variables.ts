import { dirname } from 'node:path';

export interface VariablesInput {
  readonly name: string;
  readonly entry: string;
  readonly handler: string;
  /** What the function's configuration sets. It goes before everything else here. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The environment of a function's process: what Lambda sets, what the function is configured with, PATH,
 * and nothing else of this machine.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const lambdaVariables = ({
  name,
  entry,
  handler,
  environment,
}: VariablesInput): Record<string, string> => {
  const region = environment.AWS_REGION ?? 'us-east-1';
  const credentials: Record<string, string> =
    environment.AWS_ACCESS_KEY_ID === undefined
      ? { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: 'local' }
      : {};
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    TZ: ':UTC',
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: dirname(entry),
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // The SDK looks for settings in the home directory, which Lambda does not have.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...credentials,
    ...environment,
  };
};
