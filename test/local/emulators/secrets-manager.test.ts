import {
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { startSecretsManager } from '../../../local/emulators/secrets-manager.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const start = async () => {
  const secretsManager = await startSecretsManager({ secrets: { key: 'the value', empty: undefined } });
  const client = new SecretsManagerClient({
    endpoint: secretsManager.url,
    region: 'local',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  cleanups.push(secretsManager.close, () => client.destroy());
  const get = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }));
  return { ...secretsManager, client, get };
};

describe('the Secrets Manager emulator', () => {
  it('returns a value by name and by ARN', async () => {
    const { get, arnOf } = await start();
    const byName = await get('key');
    expect(byName).toMatchObject({
      ARN: arnOf('key'),
      Name: 'key',
      SecretString: 'the value',
      VersionId: expect.any(String),
      VersionStages: ['AWSCURRENT'],
      CreatedDate: expect.any(Date),
    });
    expect((await get(arnOf('key'))).SecretString).toBe('the value');
  });

  it('distinguishes an unknown secret from a secret without a value, with the messages of AWS', async () => {
    const { get } = await start();
    const unknown = await get('other').catch((error) => error);
    expect(unknown).toBeInstanceOf(ResourceNotFoundException);
    expect(unknown.message).toBe("Secrets Manager can't find the specified secret.");
    const empty = await get('empty').catch((error) => error);
    expect(empty).toBeInstanceOf(ResourceNotFoundException);
    expect(empty.message).toBe(
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    );
  });

  it('stores a new value as a new version', async () => {
    const { client, get } = await start();
    const before = await get('key');
    const put = await client.send(new PutSecretValueCommand({ SecretId: 'key', SecretString: 'new' }));
    expect(put.VersionId).not.toBe(before.VersionId);
    expect(await get('key')).toMatchObject({ SecretString: 'new', VersionId: put.VersionId });
    const SecretBinary = Buffer.from([0, 255]);
    await client.send(new PutSecretValueCommand({ SecretId: 'empty', SecretBinary }));
    expect(Buffer.from((await get('empty')).SecretBinary ?? [])).toEqual(SecretBinary);
  });

  it('rejects an unknown operation and invalid input', async () => {
    const { client } = await start();
    await expect(client.send(new ListSecretsCommand())).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    await expect(client.send(new PutSecretValueCommand({ SecretId: 'key' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(client.send(new GetSecretValueCommand({ SecretId: '' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('SecretId'),
    });
  });

  it('counts calls', async () => {
    const { get, calls } = await start();
    await get('key');
    await get('other').catch(() => {});
    expect(calls).toEqual({ GetSecretValue: 2, PutSecretValue: 0 });
  });

  it('has ARNs only of its own secrets', async () => {
    const { arnOf } = await start();
    expect(() => arnOf('other')).toThrow('no secret called other');
  });
});
