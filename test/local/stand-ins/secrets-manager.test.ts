import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { startSecretsManager } from '../../../local/stand-ins/secrets-manager.ts';

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

describe('Secrets Manager on this machine', () => {
  it('gives a value by name and by ARN', async () => {
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

  it('tells an unknown secret from one without a value, in the words of AWS', async () => {
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

  it('replaces a value under a new version', async () => {
    const { client, get } = await start();
    const before = await get('key');
    const put = await client.send(new PutSecretValueCommand({ SecretId: 'key', SecretString: 'new' }));
    expect(put.VersionId).not.toBe(before.VersionId);
    expect(await get('key')).toMatchObject({ SecretString: 'new', VersionId: put.VersionId });
    const SecretBinary = Buffer.from([0, 255]);
    await client.send(new PutSecretValueCommand({ SecretId: 'empty', SecretBinary }));
    expect(Buffer.from((await get('empty')).SecretBinary ?? [])).toEqual(SecretBinary);
  });

  it('has no version but the current one', async () => {
    const { client, get } = await start();
    const { VersionId } = await get('key');
    const getVersion = (input: { VersionId?: string | undefined; VersionStage?: string }) =>
      client.send(new GetSecretValueCommand({ SecretId: 'key', ...input }));
    expect((await getVersion({ VersionId, VersionStage: 'AWSCURRENT' })).SecretString).toBe('the value');
    await expect(getVersion({ VersionStage: 'AWSPREVIOUS' })).rejects.toThrow('staging label: AWSPREVIOUS');
    await expect(getVersion({ VersionId: 'x' })).rejects.toThrow('VersionId: x');
  });

  it('describes a secret without its value', async () => {
    const { client } = await start();
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'key' }));
    expect(described).toMatchObject({ Name: 'key', CreatedDate: expect.any(Date) });
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
    expect(JSON.stringify(described)).not.toContain('the value');
    const empty = await client.send(new DescribeSecretCommand({ SecretId: 'empty' }));
    expect(empty.VersionIdsToStages).toBeUndefined();
  });

  it('refuses what it does not know', async () => {
    const { client } = await start();
    await expect(client.send(new ListSecretsCommand())).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    await expect(client.send(new PutSecretValueCommand({ SecretId: 'key' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await expect(client.send(new GetSecretValueCommand({ SecretId: '' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('SecretId'),
    });
  });

  it('counts its calls', async () => {
    const { get, calls } = await start();
    await get('key');
    await get('other').catch(() => {});
    expect(calls).toEqual({ GetSecretValue: 2, PutSecretValue: 0, DescribeSecret: 0 });
  });

  it('knows the ARNs of its own secrets only', async () => {
    const { arnOf } = await start();
    expect(() => arnOf('other')).toThrow('no secret called other');
  });
});
