import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
beforeEach(() => running.reset());
afterAll(() => running.close());

const post = (key: string) => running.post(AVATAR, { 'idempotency-key': key });
const untilJoggAi = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 30_000, interval: 10 });

describe('a function that is killed while JoggAI answers', () => {
  it.each(['before_charging', 'after_charging'] as const)(
    'leaves a request that is never sent again (%s)',
    async (when) => {
      const key = `killed-${when}`;
      running.simulator.control.addFault({ kind: 'delay', when, milliseconds: 2_000 });
      const first = post(key);
      await untilJoggAi(() => running.paidCalls().some(({ fault }) => fault === 'delay'));
      await running.service.api.kill();
      expect((await first).status).toBe(500);

      for (let again = 0; again < 3; again += 1) {
        const answer = await post(key);
        expect(answer.status).toBe(200);
        expect(recordIn(answer)).toMatchObject({ status: 'submitting', charged: 'unknown', attempts: 1 });
      }
      // JoggAI goes on with what it was sent, whoever has left meanwhile.
      await untilJoggAi(() => running.charges() > 0);
      expect(running.paidCalls()).toHaveLength(1);
      expect(running.charges()).toBe(1);
    },
  );

  it('does not keep other requests from being served', async () => {
    running.simulator.control.addFault({ kind: 'hang' });
    const first = post('killed-and-others');
    await untilJoggAi(() => running.paidCalls().length === 1);
    await running.service.api.kill();
    await first;
    expect((await post('another')).status).toBe(201);
    expect(running.charges()).toBe(1);
  });
});

describe('a function that is killed right after it was asked', () => {
  it('leaves a request that is paid at most once, however often it is asked for again', async () => {
    for (const delay of [0, 15, 40]) {
      const key = `early-${delay}`;
      const before = running.charges();
      const first = post(key);
      await new Promise((resolve) => setTimeout(resolve, delay));
      await running.service.api.kill();
      await first;
      for (let again = 0; again < 2; again += 1) await post(key);
      expect(running.charges() - before, `killed after ${delay} ms`).toBeLessThanOrEqual(1);
    }
  });
});
