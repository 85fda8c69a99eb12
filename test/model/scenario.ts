import type { Submission } from '../../lambda/domain/submission.ts';
import { type Fate, nameOf } from './upstream.ts';
import { createWorld, TIMEOUT_MS, WINDOW_MS, type World, type WorldOptions } from './world.ts';

export interface Arrival {
  /** Milliseconds after the beginning. */
  readonly at: number;
  readonly way: 'http' | 'event';
  /** Requests at the same moment. */
  readonly count: number;
  /** Times that each of them is sent. */
  readonly deliveries: number;
}

export interface Scenario extends Omit<WorldOptions, 'start' | 'nextFate'> {
  readonly arrivals: readonly Arrival[];
  /** What becomes of the first calls. */
  readonly fates: readonly Fate[];
  /** What becomes of all others. */
  readonly usualFate: Fate;
}

/** Ten minutes before midnight UTC, so that the daily limit begins anew within most scenarios. */
const START = Date.UTC(2026, 10, 22, 23, 50);

const MINUTE = 60_000;

/** Dispatches that may find nothing to do before something counts as stuck. */
const MOST_DISPATCHES = 600;

export interface Ended {
  readonly world: World;
  /** Requests that somebody was told are accepted. */
  readonly accepted: readonly string[];
  /** Whether everything came to an end. */
  readonly isDone: boolean;
}

/** Lets a scenario happen, with a dispatch every minute until nothing waits and nothing is on its way. */
export const play = async (scenario: Scenario): Promise<Ended> => {
  let calls = 0;
  const world = createWorld({
    ...scenario,
    start: START,
    nextFate: () => {
      const fate = scenario.fates[calls] ?? scenario.usualFate;
      calls += 1;
      return fate;
    },
  });
  const { time } = world;
  const accepted = new Set<string>();

  const arrive = async ({ at, way, count, deliveries }: Arrival, index: number): Promise<void> => {
    await time.wait(at);
    const names = Array.from({ length: count }, (_, place) => `${way} ${index}.${place}`);
    const told = (submission: Submission | undefined): void => {
      const request = submission && 'record' in submission ? submission.record.request : undefined;
      if (request) accepted.add(nameOf(request));
    };
    const once = async (): Promise<void> => {
      if (way === 'event') (await world.deliver(names)).forEach(told);
      else await Promise.all(names.map(async (name) => told(await world.submit(name))));
    };
    await Promise.all(Array.from({ length: deliveries }, once));
  };

  const isOpen = (): boolean =>
    world.records().some(({ status }) => status === 'queued' || status === 'submitting');

  const dispatchEveryMinute = async (arrivals: Promise<unknown>): Promise<boolean> => {
    let isOver = false;
    arrivals.then(() => {
      isOver = true;
    });
    for (let count = 0; count < MOST_DISPATCHES; count += 1) {
      if (isOver && !isOpen()) return true;
      const begun = time.clock();
      const dispatched = world.dispatch();
      await time.wait(MINUTE);
      if (!isOver) continue;
      // Nothing happens until tomorrow where today's calls are spent: no need to look every minute.
      const drained = await Promise.race([dispatched, time.wait(0)]);
      if (drained?.end.kind !== 'closed' || drained.end.why.kind !== 'spent') continue;
      await time.wait(Math.max(0, drained.end.why.until - begun - MINUTE));
    }
    return false;
  };

  const story = async (): Promise<boolean> => {
    const arrivals = Promise.all(scenario.arrivals.map(arrive));
    const isDone = await dispatchEveryMinute(arrivals);
    // Until the last lease is over, and the last window behind it.
    await time.wait(TIMEOUT_MS.dispatch + 2 * WINDOW_MS);
    return isDone;
  };
  const isDone = await time.finish(story());
  return { world, accepted: [...accepted], isDone };
};
