import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { AwsV4Signer } from 'aws4fetch';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApiKeys } from '../../lambda/adapters/api-key.ts';
import { conflictOf, createDynamoDb } from '../../lambda/adapters/aws/dynamodb.ts';
import { createHandlerServer, listen, type RunningServer, readBody } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import { HANG_MS } from '../support/eventually.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse) => void;

const json =
  (status: number, body: object): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));

const failing = (status: number, name: string, more: object = {}): Answer =>
  json(status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'told by DynamoDB', ...more });

const reset: Answer = (response) => response.socket?.resetAndDestroy();

const found = json(200, { Item: { id: { S: 'x' } } });

let server: RunningServer;
let client: DynamoDBClient;

/** Starts a DynamoDB that gives these answers in turn, and records the requests. */
const answering = async (...answers: Answer[]): Promise<Received[]> => {
  const received: Received[] = [];
  server = await listen(
    createHandlerServer(async (request, response) => {
      const body = await readBody(request, 1024 * 1024);
      const answer = answers[received.length] ?? reset;
      received.push({ headers: request.headers, body: body?.toString() ?? '' });
      answer(response);
    }),
  );
  stubAws({
    AWS_ENDPOINT_URL_DYNAMODB: server.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
    AWS_SESSION_TOKEN: 'session',
  });
  client = createDynamoDb(HANG_MS);
  return received;
};

afterEach(async () => {
  client.destroy();
  await server.close();
  vi.unstubAllEnvs();
});

const get = () => client.send(new GetItemCommand({ TableName: 'ledger', Key: { id: { S: 'é' } } }));

/** Only requests that the SDK's middleware made have this header. */
const isOfSdk = ({ headers }: Received): boolean => headers['amz-sdk-invocation-id'] !== undefined;

describe('a call of DynamoDB', () => {
  it('is one request, without the middleware of the SDK', async () => {
    const received = await answering(found);
    expect((await get()).Item).toEqual({ id: { S: 'x' } });
    expect(received.map(isOfSdk)).toEqual([false]);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({ TableName: 'ledger', Key: { id: { S: 'é' } } });
  });

  it('has the signature that another library gives it', async () => {
    const received = await answering(found);
    await get();
    const { headers: { host, authorization, ...headers } = {}, body = '' } = received[0] ?? {};
    const signer = new AwsV4Signer({
      url: `http://${host}/`,
      method: 'POST',
      headers: {
        'content-type': String(headers['content-type']),
        'content-length': String(headers['content-length']),
        'x-amz-target': String(headers['x-amz-target']),
        'x-amz-content-sha256': String(headers['x-amz-content-sha256']),
      },
      body,
      accessKeyId: 'local',
      secretAccessKey: 'local',
      sessionToken: 'session',
      service: 'dynamodb',
      region: 'us-east-1',
      datetime: String(headers['x-amz-date']),
      allHeaders: true,
    });
    expect(authorization).toMatch(/Signature=[0-9a-f]{64}$/);
    expect(authorization).toBe((await signer.sign()).headers.get('authorization'));
  });

  it('returns the item that a condition met, without a second request', async () => {
    const received = await answering(
      failing(400, 'ConditionalCheckFailedException', { Item: { id: { S: 'y' } } }),
    );
    const put = client.send(new PutItemCommand({ TableName: 'ledger', Item: { id: { S: 'y' } } }));
    expect(await conflictOf(put, async () => undefined)).toEqual({ item: { id: { S: 'y' } } });
    expect(received).toHaveLength(1);
  });

  it.each([
    ['a reset connection', reset],
    ['an internal error', failing(500, 'InternalServerError')],
    ['a throttled call', failing(400, 'ProvisionedThroughputExceededException')],
    ['an unreadable answer', (response: ServerResponse) => response.end('<html>')],
  ])('is made by the SDK after %s', async (_, first) => {
    const received = await answering(first, found);
    expect((await get()).Item).toEqual({ id: { S: 'x' } });
    expect(received.map(isOfSdk)).toEqual([false, true]);
  });

  it('is tried four times in all', async () => {
    const received = await answering(reset, reset, reset, reset, found);
    await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(received.map(isOfSdk)).toEqual([false, true, true, true]);
  });

  it('fails with the error of the SDK, which names the service as its author', async () => {
    const received = await answering(
      failing(400, 'ResourceNotFoundException'),
      failing(400, 'ResourceNotFoundException'),
    );
    await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException', $fault: 'client' });
    expect(received).toHaveLength(2);
  });
});

describe('a read of the secret', () => {
  it('is one request, without the middleware of the SDK', async () => {
    const received = await answering(json(200, { SecretString: 'key-1' }));
    expect(await createApiKeys('secret', HANG_MS).current()).toEqual({ kind: 'present', value: 'key-1' });
    expect(received.map(isOfSdk)).toEqual([false]);
  });

  it('is made by the SDK, once, after a failure', async () => {
    const received = await answering(reset, json(200, { SecretString: 'key-1' }));
    expect(await createApiKeys('secret', HANG_MS).current()).toMatchObject({ kind: 'present' });
    expect(received.map(isOfSdk)).toEqual([false, true]);
  });

  it('is left to the SDK if the secret is binary', async () => {
    const binary = json(200, { SecretBinary: Buffer.from('key-1').toString('base64') });
    const received = await answering(binary, binary);
    expect(await createApiKeys('secret', HANG_MS).current()).toMatchObject({ kind: 'malformed' });
    expect(received.map(isOfSdk)).toEqual([false, true]);
  });
});
