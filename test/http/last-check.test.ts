import { afterAll, beforeAll, expect, it } from 'vitest';
import { accountView } from '../../lambda/views/schemas.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
afterAll(() => running.close());

const account = async () => accountView.parse((await running.call('GET', '/account')).body);

it('the account says when dispatch last ran, also while JoggAI does not report the credits', async () => {
  expect((await account()).checked_at).toBeUndefined();
  await running.service.triggerDispatch();
  const { checked_at: first = '', credits } = await account();
  expect(credits?.left).toBeGreaterThan(0);
  running.simulator.control.configure({ apiKeys: ['another'] });
  await running.service.triggerDispatch();
  const { checked_at: second = '', credits: seen } = await account();
  expect(seen?.at).toBe(credits?.at);
  expect(Date.parse(second)).toBeGreaterThan(Date.parse(first));
});
