import { dirname } from 'node:path';

export interface VariablesInput {
  readonly name: string;
  readonly entry: string;
  /** The function's configuration. Overrides all other variables. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Environment variables of a function's process: Lambda's, the function's own, and PATH. No others are inherited.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const lambdaVariables = ({ name, entry, environment }: VariablesInput): Record<string, string> => {
  const region = environment.AWS_REGION ?? 'us-east-1';
  const credentials: Record<string, string> =
    environment.AWS_ACCESS_KEY_ID === undefined
      ? { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: 'local' }
      : {};
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    TZ: ':UTC',
    _HANDLER: 'handler',
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
    // Otherwise the SDK reads settings from the home directory, which Lambda does not have.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...credentials,
    ...environment,
  };
};
