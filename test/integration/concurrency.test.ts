import { afterEach, describe, expect, it, vi } from 'vitest';
import { mostInAnyWindow } from '../support/arrivals.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

const RATE = 20;
const WINDOW_MS = 500;
const REQUESTS = 200;

// Many processes, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 180_000 });

let running: RunningService | undefined;
afterEach(() => running?.close());

const start = async (): Promise<RunningService> => {
  running = await startRunningService({
    environment: { JOGGAI_CALLS_PER_WINDOW: String(RATE), JOGGAI_WINDOW_SECONDS: String(WINDOW_MS / 1_000) },
  });
  running.simulator.control.configure({ rate: { limit: RATE, windowMs: WINDOW_MS, countRefused: true } });
  return running;
};

describe('200 requests at the same moment, in several processes', () => {
  it('are all paid for once, never faster than allowed, and leave every slot free', async () => {
    const { service, post, paidCalls, charges, records } = await start();
    const bodies = Array.from({ length: REQUESTS }, (_, index) => ({
      ...AVATAR,
      appearance: `number ${index}`,
    }));

    const answers = await Promise.all(bodies.map((body) => post(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 202]));
    expect(new Set(answers.map((answer) => recordIn(answer).id)).size).toBe(REQUESTS);
    await Promise.all([service.triggerDispatch(), service.triggerDispatch()]);

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

    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
    const next = await Promise.all(Array.from({ length: RATE }, () => post()));
    expect(next.map(({ status }) => status)).toEqual(Array.from({ length: RATE }, () => 201));
  });
});
