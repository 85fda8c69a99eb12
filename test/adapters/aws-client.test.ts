import { Readable } from 'node:stream';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clientSettings } from '../../lambda/adapters/aws-client.ts';

const credentials = { accessKeyId: 'id', secretAccessKey: 'key' };

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Where a client with these settings sends a call, found out without sending it. */
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

describe('a client of AWS', () => {
  it.each([
    ['to the region, where nothing is said', {}, 'to dynamodb.eu-central-1.amazonaws.com:'],
    [
      "to the service's own endpoint before the one for all",
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:2' },
      'to 127.0.0.1:1',
    ],
    ['to the one endpoint for all', { AWS_ENDPOINT_URL: 'http://127.0.0.1:2' }, 'to 127.0.0.1:2'],
    [
      'to the endpoint that FIPS asks for',
      { AWS_USE_FIPS_ENDPOINT: 'true' },
      'to dynamodb-fips.eu-central-1.amazonaws.com:',
    ],
    [
      'to the endpoint that speaks IPv6',
      { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      'to dynamodb.eu-central-1.api.aws:',
    ],
  ])('goes %s', async (_, env, host) => {
    // The SDK's own look into the environment would find this.
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:3');
    expect(await hostCalled(env)).toBe(host);
  });

  it('has an answer whole, however it comes', async () => {
    const answer = Readable.from([Buffer.from('{"Item"'), Buffer.from(':{}}')]);
    const { streamCollector } = clientSettings('DYNAMODB', {});
    expect(Buffer.from(await streamCollector(answer)).toString()).toBe('{"Item":{}}');
  });

  it('reports an answer that broke off', async () => {
    const answer = new Readable({
      read() {
        this.push('half');
        this.destroy(new Error('ECONNRESET'));
      },
    });
    await expect(clientSettings('DYNAMODB', {}).streamCollector(answer)).rejects.toThrow('ECONNRESET');
  });
});
