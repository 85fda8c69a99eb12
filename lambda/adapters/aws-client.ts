import type { Readable } from 'node:stream';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * What the clients that a request waits for have in common: what the SDK would find in the environment, and otherwise
 * its defaults. Left to itself it goes through environment and files (which a function does not have) for each of these,
 * with an error made for every place where there is nothing; for the endpoint it does so with every call.
 *
 * @param service as the SDK's variables have it: `AWS_ENDPOINT_URL_<SERVICE>`
 */
export const clientSettings = (
  service: 'DYNAMODB' | 'SECRETS_MANAGER',
  env: NodeJS.ProcessEnv = process.env,
) => {
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL;
  return {
    ...(endpoint && { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: env.AWS_USE_FIPS_ENDPOINT === 'true',
    useDualstackEndpoint: env.AWS_USE_DUALSTACK_ENDPOINT === 'true',
    retryMode: 'standard',
    authSchemePreference: [],
    userAgentAppId: async () => undefined,
    // The SDK's own loads the web's streams, to know one when it sees it. Answers to these clients come as Node's.
    streamCollector: async (stream: Readable) => Buffer.concat(await stream.toArray()),
  } satisfies DynamoDBClientConfig;
};

/** Limits of one attempt. `timeoutMs`, where it is set, takes the place of both of a client's own. */
export const requestLimits = (
  timeoutMs: number | undefined,
  { connectMs, answerMs }: { readonly connectMs: number; readonly answerMs: number },
) => ({
  connectionTimeout: timeoutMs ?? connectMs,
  requestTimeout: timeoutMs ?? answerMs,
  throwOnRequestTimeout: true,
});

/** What all clients of the AWS SDK have. */
interface AwsClient {
  readonly middlewareStack: { remove(middleware: string): boolean };
}

/**
 * Takes the middleware out that describes each call to a logger. No client here has a logger, but the descriptions,
 * with secrets and requests blanked out field by field, would be made all the same.
 */
export const withoutCallLog = <Client extends AwsClient>(client: Client): Client => {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
};
