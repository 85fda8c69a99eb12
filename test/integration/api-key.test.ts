import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { replaceKey } from '../support/replace-key.ts';
import { AVATAR } from '../support/requests.ts';
import { expectProblem, type RunningService, startRunningService } from '../support/running-service.ts';

const OLD_KEY = 'old-key';
const NEW_KEY = 'new-key';

it('a service without an API key returns the command that sets it, calls and records nothing, and works once the key is set', async () => {
  const { post, call, service, simulator, logs, records, close } = await startRunningService({
    apiKey: undefined,
  });
  onTestFinished(close);

  const { detail } = expectProblem(await post(), 'api-key-missing');
  expect(detail).toContain('aws secretsmanager put-secret-value --secret-id joggai-api-key');
  expect(logs.filter((line) => line.includes('"MissingApiKey"'))).toHaveLength(1);
  expect((await call('GET', '/account')).body).toMatchObject({ slots: { in_use: 0 } });
  const dryRun = await post(AVATAR, {}, '/photo-avatars?dry_run=true');
  expect(dryRun).toMatchObject({ status: 200, body: { api_key: 'unset' } });

  // A malformed key.
  await replaceKey(service, simulator, 'two words');
  const { detail: problem } = expectProblem(await post(), 'api-key-missing');
  expect(problem).toContain('spaces');
  expect(problem).not.toContain('two words');
  expect(simulator.control.state().calls).toEqual([]);
  expect(await records()).toEqual([]);

  // Without a restart.
  await replaceKey(service, simulator, NEW_KEY);
  expect((await post()).status).toBe(201);
});

describe('a service that has used an API key', () => {
  let running: RunningService;
  beforeAll(async () => {
    // A first block lasts for one window: it must not expire during the test.
    running = await startRunningService({ environment: { JOGGAI_WINDOW_SECONDS: '3600' } });
  });
  beforeEach(async () => {
    await running.reset();
    await replaceKey(running.service, running.simulator, OLD_KEY);
    expect((await running.post()).status).toBe(201);
  });
  afterAll(() => running.close());

  const keysUsed = () => running.paidCalls().map(({ apiKey }) => apiKey);

  it('uses the new key within the same request when JoggAI rejects the old one', async () => {
    const before = keysUsed().length;
    await replaceKey(running.service, running.simulator, NEW_KEY);
    expect((await running.post()).status).toBe(201);
    expect(keysUsed().slice(before)).toEqual([OLD_KEY, NEW_KEY]);
    expect(running.charges()).toBe(2);
  });

  it('makes one call when JoggAI rejects the key, and resumes once the key is replaced', async () => {
    running.simulator.control.configure({ apiKeys: [NEW_KEY] });
    expectProblem(await running.post(), 'invalid-api-key');
    const calls = running.paidCalls().length;
    expectProblem(await running.post(), 'invalid-api-key');
    expect(running.paidCalls()).toHaveLength(calls);
    await running.service.api.kill();
    await replaceKey(running.service, running.simulator, NEW_KEY);
    expect((await running.post()).status).toBe(201);
  });
});
