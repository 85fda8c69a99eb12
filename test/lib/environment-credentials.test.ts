import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { defaultProvider } from '../../lambda/adapters/aws/environment-credentials.ts';

/** What a client that knows no credentials but these sends over a real connection. */
const headersOfACall = async (): Promise<IncomingHttpHeaders> => {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    received.push(request.headers);
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"TableNames":[]}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentialDefaultProvider: defaultProvider,
  });
  try {
    await client.send(new ListTablesCommand({}));
  } finally {
    client.destroy();
    server.close();
  }
  return received[0] ?? {};
};

afterEach(() => vi.unstubAllEnvs());

describe('credentials from the environment', () => {
  it("sign the SDK's calls, with the session token", async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-one');
    vi.stubEnv('AWS_SESSION_TOKEN', 'a-session');
    const headers = await headersOfACall();
    expect(headers.authorization).toContain('Credential=AKIDEXAMPLE/');
    expect(headers['x-amz-security-token']).toBe('a-session');
  });

  it('need no session token', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-one');
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
    expect(await headersOfACall()).not.toHaveProperty('x-amz-security-token');
  });

  it('that are missing are reported, and nothing is sent', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-one');
    await expect(headersOfACall()).rejects.toThrow('environment variable credentials');
    await expect(headersOfACall()).rejects.not.toThrow('not-a-real-one');
  });
});
