import { Readable } from 'node:stream';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clientSettings } from '../../lambda/adapters/aws/aws-client.ts';

const credentials = { accessKeyId: 'id', secretAccessKey: 'key' };

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The host to which a client with these settings would send a call. */
const hostCalled = async (env: Record<string, string>): Promise<string> => {
  const client = new DynamoDBClient({
    ...clientSettings('DYNAMODB', env),
    region: 'eu-central-1',
    credentials,
    requestHandler: {
      handle: async ({ hostname, port }: { hostname: string; port?: number }) =>
        Promise.reject(new Error(`to ${hostname}:${port ?? ''}`)),
    },
    maxAttempts: 1,
  });
  const call = client.send(new GetItemCommand({ TableName: 'ledger', Key: { id: { S: 'x' } } }));
  return call.then(
    () => 'nowhere',
    (error: Error) => error.message,
  );
};

describe('an AWS client', () => {
  it.each([
    ['to the region by default', {}, 'to dynamodb.eu-central-1.amazonaws.com:'],
    [
      "to the service's endpoint rather than the common one",
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:2' },
      'to 127.0.0.1:1',
    ],
    ['to the common endpoint', { AWS_ENDPOINT_URL: 'http://127.0.0.1:2' }, 'to 127.0.0.1:2'],
    [
      'to the FIPS endpoint',
      { AWS_USE_FIPS_ENDPOINT: 'true' },
      'to dynamodb-fips.eu-central-1.amazonaws.com:',
    ],
    [
      'to the dual-stack endpoint',
      { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      'to dynamodb.eu-central-1.api.aws:',
    ],
  ])('connects %s', async (_, env, host) => {
    // The SDK would read this from the environment by default.
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:3');
    expect(await hostCalled(env)).toBe(host);
  });

  it('collects an answer that arrives in chunks', async () => {
    const answer = Readable.from([Buffer.from('{"Item"'), Buffer.from(':{}}')]);
    const { streamCollector } = clientSettings('DYNAMODB', {});
    expect(Buffer.from(await streamCollector(answer)).toString()).toBe('{"Item":{}}');
  });

  it('reports an incomplete answer', async () => {
    const answer = new Readable({
      read() {
        this.push('half');
        this.destroy(new Error('ECONNRESET'));
      },
    });
    await expect(clientSettings('DYNAMODB', {}).streamCollector(answer)).rejects.toThrow('ECONNRESET');
  });
});
