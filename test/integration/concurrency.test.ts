import { afterEach, describe, expect, it } from 'vitest';
import { mostInAnyWindow } from '../support/arrivals.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

/** Concurrent processes of the api function. */
const PROCESSES = 10;
/** Below `PROCESSES`, so that some processes find every slot held. */
const RATE = 8;
const WINDOW_MS = 200;
const REQUESTS = 200;

let running: RunningService | undefined;
afterEach(() => running?.close());

const start = async (): Promise<RunningService> => {
  running = await startRunningService({
    environment: { JOGGAI_CALLS_PER_WINDOW: String(RATE), JOGGAI_WINDOW_SECONDS: String(WINDOW_MS / 1_000) },
  });
  running.simulator.control.configure({
    rate: { limit: RATE, windowMs: WINDOW_MS, countRefused: true },
    generation: { durationMs: 3_600_000 },
  });
  const { api } = running.service;
  // Starts the processes before JoggAI delays a call, so that cold starts do not consume its timeout. They reject this event.
  await Promise.allSettled(Array.from({ length: PROCESSES }, () => api.invoke({})));
  return running;
};

describe('200 concurrent requests, in several processes', () => {
  it('are each charged once, within the rate limit, and release every slot', async () => {
    const { service, simulator, post, paidCalls, charges, records } = await start();
    const bodies = Array.from({ length: REQUESTS }, (_, index) => ({
      ...AVATAR,
      appearance: `number ${index}`,
    }));

    simulator.control.addFault({ kind: 'delay', milliseconds: 'until_cleared', times: RATE });
    const answers = await Promise.all(
      bodies.map(async (body) => {
        const answer = await post(body);
        // Every slot is held: JoggAI may answer now.
        if (answer.status === 202) simulator.control.clearFaults();
        return answer;
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 202]));
    expect(new Set(answers.map((answer) => recordIn(answer).id)).size).toBe(REQUESTS);
    await eventually(async () => {
      await Promise.all([service.triggerDispatch(), service.triggerDispatch()]);
      expect((await records()).filter(({ status }) => status === 'queued')).toEqual([]);
    });

    expect((await records()).map(({ status, charged, attempts }) => ({ status, charged, attempts }))).toEqual(
      Array.from({ length: REQUESTS }, () => ({ status: 'generating', charged: 'yes', attempts: 1 })),
    );
    const calls = paidCalls();
    expect(calls.map(({ answer }) => answer?.code)).toEqual(Array.from({ length: REQUESTS }, () => 0));
    expect(charges()).toBe(REQUESTS);
    expect(
      mostInAnyWindow(
        calls.map(({ arrivedAt }) => arrivedAt),
        WINDOW_MS,
      ),
    ).toBeLessThanOrEqual(RATE);

    const allAnsweredAt = Date.now();
    await eventuallyTrue(() => Date.now() >= allAnsweredAt + WINDOW_MS);
    const next = await Promise.all(Array.from({ length: RATE }, () => post()));
    expect(next.map(({ status }) => status)).toEqual(Array.from({ length: RATE }, () => 201));
  });
});
