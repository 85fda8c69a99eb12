import type { Readable } from 'node:stream';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * Settings of the clients that a request waits for: the SDK's defaults, and what the environment sets. Without them
 * the SDK searches the environment and configuration files for each setting, and for the endpoint with every call.
 * Together with `withoutCallLog` they save 24 of 308 ms of a first answer at 512 MB, measured in one run.
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
    // Once for each operation instead of each call.
    cacheMiddleware: true,
    userAgentAppId: async () => undefined,
    streamCollector: collect,
  } satisfies DynamoDBClientConfig;
};

/** The SDK's own collector loads web streams. These clients receive Node streams only. */
const collect = (stream: Readable): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .once('end', () => resolve(Buffer.concat(chunks)))
      .once('error', reject)
      .once('close', () => reject(new Error('The answer is incomplete.')));
  });

/** Time limits of one attempt. If set, `timeoutMs` replaces both limits of a client. */
export const requestLimits = (
  timeoutMs: number | undefined,
  { connectMs, answerMs }: { readonly connectMs: number; readonly answerMs: number },
) => ({
  connectionTimeout: timeoutMs ?? connectMs,
  requestTimeout: timeoutMs ?? answerMs,
  throwOnRequestTimeout: true,
});

/** Part of every client of the AWS SDK. */
interface AwsClient {
  readonly middlewareStack: { remove(middleware: string): boolean };
}

/**
 * Removes the middleware that describes each call for a logger. No client here has a logger, but the middleware would
 * still copy and redact each request.
 */
export const withoutCallLog = <Client extends AwsClient>(client: Client): Client => {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
};
