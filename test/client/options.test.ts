import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  AbortError,
  type Auth,
  createClient,
  isPhotoAvatarsError,
  newIdempotencyKey,
  PhotoAvatarsError,
} from '../../client/index.ts';
import { failureOf, startScripted } from '../support/client-world.ts';
import { AVATAR } from '../support/requests.ts';

const SECRETS = ['AKIAEXAMPLE', 'a-secret-key', 'a-session-token', 'a-bearer-token'];
const [accessKeyId = '', secretAccessKey = '', sessionToken = '', token = ''] = SECRETS;
const credentials = { accessKeyId, secretAccessKey, sessionToken };

describe('createClient', () => {
  it.each([
    '',
    'api.example.com',
    'ftp://example.com',
    'https://user:a-secret-key@example.com',
    'https://e.com/?a-secret-key',
  ])('refuses the URL "%s" without repeating it', (url) => {
    expect(() => createClient({ url })).toThrow(/^url must be the URL of the API/);
    expect(() => createClient({ url })).not.toThrow(/a-secret-key/);
  });

  it.each<[string, Auth]>([
    ['a token', { kind: 'token', token }],
    ['IAM', { kind: 'iam', region: 'eu-west-1', credentials }],
  ])('refuses to send %s without TLS, except to this machine', (_, auth) => {
    expect(() => createClient({ url: 'http://api.example.com', auth })).toThrow(/without TLS/);
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      createClient({ url: `http://${host}:3000`, auth });
    createClient({ url: 'http://api.example.com' });
  });

  it.each([
    ['eu-west-1', 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com'],
    ['us-gov-west-1', 'https://a1b2c3.execute-api.us-gov-west-1.amazonaws.com/prod'],
    ['cn-north-1', 'https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn'],
  ])('takes the region %s from the host', async (region, url) => {
    let authorization: string | null = null;
    const client = createClient({
      url,
      auth: { kind: 'iam', credentials },
      fetch: async (_, init) => {
        authorization = new Headers(init?.headers).get('authorization');
        return Response.json({ slots: {} });
      },
    });
    await client.account();
    expect(authorization).toContain(`/${region}/execute-api/aws4_request`);
  });

  it.each([
    'https://avatars.example.com',
    'http://127.0.0.1:3000',
    'https://execute-api.eu-west-1.amazonaws.com.evil.example',
  ])('requires the region where the host does not contain it: %s', (url) => {
    expect(() => createClient({ url, auth: { kind: 'iam', credentials } })).toThrow(
      /^auth.region is missing/,
    );
  });
});

describe('an error', () => {
  it.each<[string, Auth]>([
    ['a token', { kind: 'token', token: `${token}\nx` }],
    [
      'a session token',
      {
        kind: 'iam',
        region: 'eu-west-1',
        credentials: { ...credentials, sessionToken: `${sessionToken}\nx` },
      },
    ],
    [
      'an access key',
      {
        kind: 'iam',
        region: 'eu-west-1',
        credentials: { ...credentials, accessKeyId: `${accessKeyId}\nx` },
      },
    ],
  ])('does not contain %s that no header can carry', async (_, auth) => {
    const server = await startScripted();
    const error = await failureOf(createClient({ url: server.url, auth }).submit(AVATAR));
    expect(error.message).toContain(
      'The credentials could not be obtained (TypeError). Nothing was charged.',
    );
    const printed = inspect(error, { depth: 10, showHidden: true });
    expect(SECRETS.filter((secret) => printed.includes(secret))).toEqual([]);
    await server.close();
  });

  it.each<[string, Auth]>([
    ['a token', { kind: 'token', token }],
    ['a signature', { kind: 'iam', region: 'eu-west-1', credentials }],
  ])('does not contain the secrets behind %s that was refused', async (_, auth) => {
    const server = await startScripted({ status: 403, body: { message: 'Forbidden' } });
    const error = await failureOf(createClient({ url: server.url, auth }).submit(AVATAR));
    const printed = inspect(error, { depth: 10, showHidden: true });
    expect(SECRETS.filter((secret) => printed.includes(secret))).toEqual([]);
    await server.close();
  });

  it('says that signing in failed, with the reason as its cause, and nothing is sent', async () => {
    const server = await startScripted();
    const cause = Object.assign(new Error('The SSO session has expired.'), {
      name: 'CredentialsProviderError',
    });
    const auth: Auth = { kind: 'iam', region: 'eu-west-1', credentials: () => Promise.reject(cause) };
    const error = await failureOf(createClient({ url: server.url, auth }).submit(AVATAR));
    expect(error).toMatchObject({ cause, charged: 'no', isRepeatable: false });
    expect(error.message).toContain('(CredentialsProviderError)');
    await server.close();
  });

  it('is recognized across two copies of the package', () => {
    const details = { message: 'No', charged: 'no', advice: 'None', isRepeatable: false } as const;
    for (const error of [new PhotoAvatarsError(details), new AbortError(details)]) {
      expect(isPhotoAvatarsError(error)).toBe(true);
      const { name, message, ...fields } = error;
      expect(isPhotoAvatarsError(Object.assign(new Error(message), { name, ...fields }))).toBe(true);
    }
    for (const other of [
      new Error('No'),
      new DOMException('No', 'AbortError'),
      { charged: 'no' },
      undefined,
    ]) {
      expect(isPhotoAvatarsError(other)).toBe(false);
    }
  });
});

it('a new key is another one each time, and fits the header', () => {
  const keys = Array.from({ length: 1_000 }, newIdempotencyKey);
  expect(new Set(keys).size).toBe(1_000);
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
});
