import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEventSender } from '../support/event-sender.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import {
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({ environment: { DAILY_CALL_LIMIT_PER_CALLER: '2' } });
});
beforeEach(() => running.reset());
afterAll(() => running.close());

const story = async (): Promise<void> => {
  for (let call = 0; call < 2; call += 1) expect((await running.post()).status).toBe(201);
  const refused = await running.post();
  expect(refused.status).toBe(429);
  const { record, detail } = expectProblem(refused, 'caller-limit-reached');
  expect(record).toMatchObject({ status: 'rejected', charged: 'no' });
  expect(detail).toContain('Nothing was charged.');
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(24 * 60 * 60);
  // A caller who does not wait is accepted, and its request waits until midnight.
  const queued = await running.post(AVATAR, { prefer: 'respond-async' });
  expect(queued.status).toBe(202);

  const { send } = createEventSender(running.service);
  await send(AVATAR);
  await eventually(() => expect(running.charges()).toBe(3));
  await running.service.triggerDispatch();
  expect(running.charges()).toBe(3);
  const { id } = recordIn(queued);
  const waiting = (await running.records()).find((each) => each.id === id);
  expect(waiting).toMatchObject({ status: 'queued', attempts: 0 });
  expect(waiting?.dueAt).toMatch(/T00:0[01]:/);
};

const today = (): string => new Date().toISOString().slice(0, 10);

it('a caller over HTTP is answered 429 after its limit, and events of another caller are submitted', async () => {
  const day = today();
  await story().catch(async (error: unknown) => {
    if (today() === day) throw error;
    // The limit started anew at midnight.
    await running.reset();
    await story();
  });
});
