import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_IDENTITY } from '../../local/identity.ts';
import { API_KEY } from '../support/joggai-client.ts';
import { AVATAR } from '../support/requests.ts';
import { expectProblem, type RunningService, startRunningService } from '../support/running-service.ts';

const REPLACED = 'replaced-key';

let running: RunningService;
let secrets: SecretsManagerClient;
beforeAll(async () => {
  running = await startRunningService({ apiKey: undefined });
  secrets = new SecretsManagerClient({
    endpoint: running.service.secretsManager?.url ?? '',
    ...LOCAL_IDENTITY,
  });
});
afterAll(async () => {
  secrets.destroy();
  await running.close();
});

const put = (SecretString: string) =>
  secrets.send(new PutSecretValueCommand({ SecretId: 'joggai-api-key', SecretString }));

describe('the service', () => {
  it('without a key answers 503 with the command that sets it, and neither calls JoggAI nor records anything', async () => {
    const { detail } = expectProblem(await running.post(), 'api-key-missing');
    expect(detail).toContain('aws secretsmanager put-secret-value --secret-id joggai-api-key');
    expect(running.simulator.control.state().calls).toEqual([]);
    expect(await running.records()).toEqual([]);
    expect(running.logs.filter((line) => line.includes('"MissingApiKey"'))).toHaveLength(1);
    expect((await running.call('GET', '/account')).body).toMatchObject({ slots: { in_use: 0 } });
  });

  it('without a key says so in a dry run', async () => {
    const answer = await running.post(AVATAR, {}, '/photo-avatars?dry_run=true');
    expect(answer).toMatchObject({ status: 200, body: { api_key: 'unset' } });
  });

  it('with a key that cannot be one says what is wrong with it', async () => {
    await put('two words');
    const { detail } = expectProblem(await running.post(), 'api-key-missing');
    expect(detail).toContain('spaces');
    expect(detail).not.toContain('two words');
    expect(running.simulator.control.state().calls).toEqual([]);
  });

  it('works as soon as the key is there, without a restart', async () => {
    await put(API_KEY);
    expect((await running.post()).status).toBe(201);
  });

  it('uses a replaced key as soon as JoggAI refuses the old one, within the same request', async () => {
    running.simulator.control.configure({ apiKeys: [REPLACED] });
    await put(REPLACED);
    expect((await running.post()).status).toBe(201);
    expect(running.paidCalls().map(({ apiKey }) => apiKey)).toEqual([API_KEY, API_KEY, REPLACED]);
    expect(running.charges()).toBe(2);
  });

  it('with a key that JoggAI refuses calls once, and goes on as soon as the key is replaced', async () => {
    running.simulator.control.configure({ apiKeys: ['third-key'] });
    expectProblem(await running.post(), 'invalid-api-key');
    const calls = running.paidCalls().length;
    expectProblem(await running.post(), 'invalid-api-key');
    expect(running.paidCalls()).toHaveLength(calls);
    await running.service.api.kill();
    await put('third-key');
    expect((await running.post()).status).toBe(201);
  });
});
