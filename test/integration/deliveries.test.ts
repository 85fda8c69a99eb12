import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createRandomness } from '../../model/randomness.ts';
import { mostInAnyWindow } from '../support/arrivals.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const RATE = 50;
const WINDOW_MS = 250;
const EVENTS = 1_000;
const DELIVERIES = 2;
const BATCH = 10;

let running: RunningService | undefined;
afterEach(() => running?.close());

const start = async (): Promise<RunningService> => {
  running = await startRunningService({
    environment: {
      JOGGAI_CALLS_PER_WINDOW: String(RATE),
      JOGGAI_WINDOW_SECONDS: String(WINDOW_MS / 1_000),
      DAILY_CALL_LIMIT: String(10 * EVENTS),
    },
  });
  const rate = { limit: RATE, windowMs: WINDOW_MS, countRefused: true };
  running.simulator.control.configure({ credits: EVENTS, rate, generation: { durationMs: 3_600_000 } });
  return running;
};

interface Message {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

/** `DELIVERIES` messages for each event, in random order. */
const shuffledDeliveries = (): Message[] => {
  const random = createRandomness(1);
  const received = new Map<number, number>();
  return Array.from({ length: EVENTS * DELIVERIES }, (_, index) => ({ event: index % EVENTS, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ event }, index) => {
      const receives = (received.get(event) ?? 0) + 1;
      received.set(event, receives);
      return {
        messageId: `message ${event}`,
        receiptHandle: `delivery ${index}`,
        body: JSON.stringify({ ...AVATAR, appearance: `event ${event}` }),
        attributes: { ApproximateReceiveCount: String(receives) },
      };
    });
};

const sent = z.object({ appearance: z.string() });

describe('1,000 events, each delivered twice and in random order', () => {
  it('are each charged once, whichever process handles each delivery', async () => {
    const { service, paidCalls, charges, records } = await start();
    const deliveries = shuffledDeliveries();
    const batches = Array.from({ length: deliveries.length / BATCH }, (_, index) =>
      deliveries.slice(index * BATCH, (index + 1) * BATCH),
    );

    let isIntakeDone = false;
    const intake = Promise.all(
      batches.map((Records) =>
        service.intake.invoke({
          Records: Records.map((record) => ({ ...record, eventSource: 'aws:sqs' })),
        }),
      ),
    ).finally(() => {
      isIntakeDone = true;
    });
    const dispatchDuringIntake = async (): Promise<void> => {
      while (!isIntakeDone) await Promise.all([service.triggerDispatch(), sleep(200)]);
    };
    const [answers] = await Promise.all([intake, dispatchDuringIntake(), dispatchDuringIntake()]);
    expect(answers).toEqual(batches.map(() => ({ batchItemFailures: [] })));
    await eventually(async () => {
      await Promise.all([service.triggerDispatch(), service.triggerDispatch()]);
      expect((await records()).filter(({ status }) => status === 'queued')).toEqual([]);
    });

    const statuses = (await records()).map(({ status, attempts }) => ({ status, attempts }));
    expect(statuses).toEqual(Array.from({ length: EVENTS }, () => ({ status: 'generating', attempts: 1 })));
    const calls = paidCalls();
    expect(charges()).toBe(EVENTS);
    expect(calls).toHaveLength(EVENTS);
    expect(new Set(calls.map(({ body }) => sent.parse(body).appearance)).size).toBe(EVENTS);
    expect(
      mostInAnyWindow(
        calls.map(({ arrivedAt }) => arrivedAt),
        WINDOW_MS,
      ),
    ).toBeLessThanOrEqual(RATE);
  });
});
