import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApiKeys } from '../../lambda/adapters/api-key.ts';
import { type SecretsManager, startSecretsManager } from '../../local/emulators/secrets-manager.ts';
import { LOCAL_IDENTITY } from '../../local/identity.ts';
import { stubAws } from '../support/aws.ts';
import { HANG_MS } from '../support/eventually.ts';

const NAME = 'joggai-api-key';
const FIVE_MINUTES = 5 * 60_000;

let secretsManager: SecretsManager;
let client: SecretsManagerClient;
beforeAll(async () => {
  secretsManager = await startSecretsManager({
    secrets: { [NAME]: undefined, other: undefined, another: undefined },
  });
  client = new SecretsManagerClient({ ...LOCAL_IDENTITY, endpoint: secretsManager.url });
});
beforeEach(() => stubAws({ AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});
afterAll(async () => {
  client.destroy();
  await secretsManager.close();
});

const put = (value: { SecretString: string } | { SecretBinary: Uint8Array }, SecretId = NAME) =>
  client.send(new PutSecretValueCommand({ SecretId, ...value }));
const keysIn = (secretId: string) => createApiKeys(secretId, HANG_MS);
const reads = () => secretsManager.calls.GetSecretValue;
const stateOf = async (SecretString: string) => {
  await put({ SecretString });
  return keysIn(NAME).current();
};

describe('the API key', () => {
  it('is unset while the secret has no value', async () => {
    expect(await keysIn('other').current()).toEqual({ kind: 'unset' });
  });

  it('is unset while the secret does not exist', async () => {
    expect(await keysIn('no-such-secret').current()).toEqual({ kind: 'unset' });
  });

  it.each([
    ['bare', 'key-1'],
    ['with whitespace around it, as an editor may add', '  key-1\n'],
    ['as JSON', '{"apiKey":"key-1"}'],
    ['as JSON with other fields and whitespace', '\n{ "apiKey": " key-1 ", "owner": "x" }\n'],
  ])('may be stored %s', async (_, value) => {
    expect(await stateOf(value)).toEqual({ kind: 'present', value: 'key-1' });
  });

  it.each([' ', '\n', '{"apiKey":""}', '{"apiKey":"  "}'])('is unset if the secret is %j', async (value) => {
    expect(await stateOf(value)).toEqual({ kind: 'unset' });
  });

  it.each([
    '{"api_key":"key-1"}',
    '{"apiKey":7}',
    '{"apiKey":null}',
    '{}',
    '{"apiKey":"key-1"',
    'two words',
    'key\u0000',
    'schlüssel',
    'x'.repeat(513),
  ])('is malformed if the secret is %j, and the problem does not repeat it', async (value) => {
    const state = await stateOf(value);
    expect(state).toEqual({ kind: 'malformed', problem: expect.stringMatching(/./) });
    expect(JSON.stringify(state)).not.toContain('key-1');
    expect(JSON.stringify(state)).not.toContain(value);
  });

  it('is malformed if the secret is binary', async () => {
    await put({ SecretBinary: Buffer.from('key-1') });
    expect(await keysIn(NAME).current()).toEqual({
      kind: 'malformed',
      problem: 'is binary, not text',
    });
  });

  it('may be identified by its ARN', async () => {
    await stateOf('key-1');
    expect(await keysIn(secretsManager.arnOf(NAME)).current()).toMatchObject({ kind: 'present' });
  });
});

describe('a key that was read', () => {
  it('is cached for five minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await put({ SecretString: 'key-1' });
    const apiKeys = keysIn(NAME);
    const before = reads();
    await apiKeys.current();
    await put({ SecretString: 'key-2' });
    vi.setSystemTime(Date.now() + FIVE_MINUTES - 1_000);
    expect(await apiKeys.current()).toEqual({ kind: 'present', value: 'key-1' });
    expect(reads()).toBe(before + 1);
    vi.setSystemTime(Date.now() + 2_000);
    expect(await apiKeys.current()).toEqual({ kind: 'present', value: 'key-2' });
    expect(reads()).toBe(before + 2);
  });

  it('is read again on demand, and the new key is cached', async () => {
    await put({ SecretString: 'key-1' });
    const apiKeys = keysIn(NAME);
    await apiKeys.current();
    await put({ SecretString: 'key-2' });
    expect(await apiKeys.refreshed()).toEqual({ kind: 'present', value: 'key-2' });
    const before = reads();
    expect(await apiKeys.current()).toEqual({ kind: 'present', value: 'key-2' });
    expect(reads()).toBe(before);
  });
});

describe('a state other than present is not cached:', () => {
  it.each([' ', 'two words', '{}'])('after %j the next read returns the key', async (value) => {
    await put({ SecretString: value });
    const apiKeys = keysIn(NAME);
    expect((await apiKeys.current()).kind).not.toBe('present');
    await put({ SecretString: 'key-1' });
    expect(await apiKeys.current()).toEqual({ kind: 'present', value: 'key-1' });
  });

  it('after no value the next read returns the key', async () => {
    const apiKeys = keysIn('another');
    expect(await apiKeys.current()).toEqual({ kind: 'unset' });
    await put({ SecretString: 'key-1' }, 'another');
    expect(await apiKeys.current()).toEqual({ kind: 'present', value: 'key-1' });
  });
});

it('a key that cannot be read is a state with the error and no value', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', 'http://127.0.0.1:1');
  const apiKeys = keysIn(NAME);
  expect(await apiKeys.current()).toEqual({ kind: 'unreadable', problem: expect.stringMatching(/./) });
  expect(await apiKeys.refreshed()).toMatchObject({ kind: 'unreadable' });
});
