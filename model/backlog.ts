import type { StoreCall } from './process.ts';
import { between, createRandomness } from './randomness.ts';
import type { PlannedCall } from './upstream.ts';
import { BATCH_SIZE, createWorld, MAX_BATCHES, WINDOW_MS, type WorldOptions } from './world.ts';

/** JoggAI's documented rate. */
export const SLOTS = 20;

/** Network and JoggAI conditions. */
export interface Conditions {
  /** JoggAI's response time, in milliseconds. */
  readonly answerMs: readonly [min: number, max: number];
  /** Share of the calls that arrive two to five seconds after they were sent. */
  readonly delayedShare: number;
}

/** Calls that all succeed, under the given conditions. */
export const callsUnder = ({ answerMs, delayedShare }: Conditions, seed: number): (() => PlannedCall) => {
  const random = createRandomness(seed);
  return () => ({
    kind: 'accepted',
    sendMs: random() < delayedShare ? between(random, 2_000, 5_000) : between(random, 5, 40),
    answerMs: between(random, ...answerMs),
  });
};

/** The achieved share of the allowed rate, which is 20 calls at once and 20 a minute. */
export const shareOfLimit = (calls: number, drainedInMs: number): number =>
  ((Math.ceil(calls / SLOTS) - 1) * WINDOW_MS) / drainedInMs;

/** In the morning UTC, so that the daily limit does not restart during a run. */
export const START = Date.UTC(2026, 10, 22, 8);

/** The world of a backlog: JoggAI's documented rate, a network with few slow messages. */
export const USUAL_WORLD = {
  start: START,
  slots: SLOTS,
  window: { type: 'sliding' },
  network: { usualMs: [2, 6], slowMs: [50, 300], slowShare: 0.01, lossShare: 0 },
  indexLagMs: 100,
} as const satisfies Partial<WorldOptions>;

/** Drains a backlog with the real intake and dispatch. Dispatch starts every minute, as deployed. */
export const drainBacklog = async (events: number, conditions: Conditions, seed: number) => {
  const world = createWorld({
    ...USUAL_WORLD,
    seed,
    dailyCallLimit: 10 * events,
    nextCall: callsUnder(conditions, seed),
  });
  const { time, upstream } = world;
  const names = Array.from({ length: events }, (_, index) => `event ${index}`);
  const batches = Array.from({ length: Math.ceil(events / BATCH_SIZE) }, (_, index) =>
    names.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
  );
  const consume = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await world.deliver(batch);
  };
  const dispatchEveryMinute = async (): Promise<void> => {
    const maxDispatches = Math.ceil((3 * events) / SLOTS) + 5;
    for (let count = 0; count < maxDispatches && upstream.charges.length < events; count += 1) {
      world.dispatch();
      await time.wait(60_000);
    }
  };
  await time.finish(Promise.all([...Array.from({ length: MAX_BATCHES }, consume), dispatchEveryMinute()]));
  return {
    paid: upstream.charges.length,
    refusedForRate: upstream.refusedForRate(),
    /** Calls of intake and dispatch to the store. */
    storeCalls: world.storeCalls,
    drainedInMs: (upstream.arrivals.at(-1) ?? START) - START,
  };
};

/** Requests of a long line: the first and the last of them weigh little. */
const LINE = 1_000;

/** Calls to the store for each request of a long line, on average. */
export const callsPerRequest = async (): Promise<ReadonlyMap<StoreCall, number>> => {
  const { storeCalls } = await drainBacklog(LINE, { answerMs: [100, 500], delayedShare: 0.01 }, 1);
  return new Map([...storeCalls].map(([name, count]) => [name, count / LINE]));
};
