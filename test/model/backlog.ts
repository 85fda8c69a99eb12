import { between, createRandomness } from './randomness.ts';
import type { Fate } from './upstream.ts';
import { createWorld, WINDOW_MS } from './world.ts';

/** JoggAI's documented rate. */
export const SLOTS = 20;

export interface Weather {
  /** Milliseconds that JoggAI takes for an answer. */
  readonly answerMs: readonly [least: number, most: number];
  /** Share of the calls that are two to five seconds on their way. */
  readonly delayedShare: number;
}

/** What becomes of calls that all end well, in some weather. */
export const fatesIn = ({ answerMs, delayedShare }: Weather, seed: number): (() => Fate) => {
  const random = createRandomness(seed);
  return () => ({
    kind: 'accepted',
    sendMs: random() < delayedShare ? between(random, 2_000, 5_000) : between(random, 5, 40),
    answerMs: between(random, ...answerMs),
  });
};

/** The share of the allowed rate at which so many calls came through: 20 at once and 20 a minute are all of it. */
export const shareOfLimit = (calls: number, drainedInMs: number): number =>
  ((Math.ceil(calls / SLOTS) - 1) * WINDOW_MS) / drainedInMs;

const BATCH = 10;
const BATCHES_AT_ONCE = 5;

/** A morning, far from the day's end. */
export const START = Date.UTC(2026, 10, 22, 8);

/** Drains so many events with the real intake and dispatch, started every minute as they are deployed. */
export const drainBacklog = async (events: number, weather: Weather, seed: number) => {
  const world = createWorld({
    start: START,
    seed,
    slots: SLOTS,
    dailyCallLimit: 10 * events,
    window: { type: 'sliding' },
    network: { usualMs: [2, 6], slowMs: [50, 300], slowShare: 0.01, lossShare: 0 },
    indexLagMs: 100,
    nextFate: fatesIn(weather, seed),
  });
  const { time, upstream } = world;
  const names = Array.from({ length: events }, (_, index) => `event ${index}`);
  const batches = Array.from({ length: Math.ceil(events / BATCH) }, (_, index) =>
    names.slice(index * BATCH, (index + 1) * BATCH),
  );
  const consume = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await world.deliver(batch);
  };
  const dispatchEveryMinute = async (): Promise<void> => {
    const most = Math.ceil((3 * events) / SLOTS) + 5;
    for (let count = 0; count < most && upstream.charges.length < events; count += 1) {
      world.dispatch();
      await time.wait(60_000);
    }
  };
  await time.finish(
    Promise.all([...Array.from({ length: BATCHES_AT_ONCE }, consume), dispatchEveryMinute()]),
  );
  return {
    paid: upstream.charges.length,
    refusedForRate: upstream.refusedForRate(),
    drainedInMs: (upstream.arrivals.at(-1) ?? START) - START,
  };
};
