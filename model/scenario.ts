import type { Submission } from '../lambda/domain/submission/submit.ts';
import { TIMEOUT_SECONDS } from '../lambda/shared/limits.ts';
import { nameOf, type PlannedCall } from './upstream.ts';
import { createWorld, WINDOW_MS, type World, type WorldOptions } from './world.ts';

export interface Arrival {
  /** Milliseconds after the start. */
  readonly at: number;
  readonly source: 'http' | 'event';
  /** Requests that arrive at the same time. */
  readonly count: number;
  /** How often each of them is sent. */
  readonly deliveries: number;
}

export interface Scenario extends Omit<WorldOptions, 'start' | 'nextCall'> {
  readonly arrivals: readonly Arrival[];
  /** The course of the first calls. */
  readonly firstCalls: readonly PlannedCall[];
  /** The course of all other calls. */
  readonly usualCall: PlannedCall;
}

/** Ten minutes before midnight UTC, so that the daily limit restarts during most scenarios. */
const START = Date.UTC(2026, 10, 22, 23, 50);

const MINUTE = 60_000;

/** Dispatches after which a scenario that has not ended counts as stuck. */
const MAX_DISPATCHES = 600;

export interface Ended {
  readonly world: World;
  /** Requests that the service accepted. */
  readonly accepted: readonly string[];
  /** Whether no request is queued or being submitted any more. */
  readonly isDone: boolean;
}

/** Runs a scenario, with a dispatch every minute until no request is queued or being submitted. */
export const runScenario = async (scenario: Scenario): Promise<Ended> => {
  let calls = 0;
  const world = createWorld({
    ...scenario,
    start: START,
    nextCall: () => {
      const plannedCall = scenario.firstCalls[calls] ?? scenario.usualCall;
      calls += 1;
      return plannedCall;
    },
  });
  const { time } = world;
  const accepted = new Set<string>();

  const arrive = async ({ at, source, count, deliveries }: Arrival, index: number): Promise<void> => {
    await time.wait(at);
    const names = Array.from({ length: count }, (_, place) => `${source} ${index}.${place}`);
    const noteAccepted = (submission: Submission | undefined): void => {
      const request = submission && 'record' in submission ? submission.record.request : undefined;
      if (request) accepted.add(nameOf(request));
    };
    const deliver = async (): Promise<void> => {
      if (source === 'event') (await world.deliver(names)).forEach(noteAccepted);
      else await Promise.all(names.map(async (name) => noteAccepted(await world.submit(name))));
    };
    await Promise.all(Array.from({ length: deliveries }, deliver));
  };

  const isOpen = (): boolean =>
    world.records().some(({ status }) => status === 'queued' || status === 'submitting');

  const dispatchEveryMinute = async (arrivals: Promise<unknown>): Promise<boolean> => {
    let haveAllArrived = false;
    arrivals.then(() => {
      haveAllArrived = true;
    });
    for (let count = 0; count < MAX_DISPATCHES; count += 1) {
      if (haveAllArrived && !isOpen()) return true;
      const startedAt = time.clock();
      const dispatched = world.dispatch();
      await time.wait(MINUTE);
      if (!haveAllArrived) continue;
      // At the daily limit nothing happens until tomorrow: skip the dispatches in between.
      const drained = await Promise.race([dispatched, time.wait(0)]);
      if (drained?.end.kind !== 'rejected_by_gate' || drained.end.rejection.kind !== 'daily_limit_reached')
        continue;
      await time.wait(Math.max(0, drained.end.rejection.until - startedAt - MINUTE));
    }
    return false;
  };

  const run = async (): Promise<boolean> => {
    const arrivals = Promise.all(scenario.arrivals.map(arrive));
    const isDone = await dispatchEveryMinute(arrivals);
    // Until the last lease has expired, and the last window after it has ended.
    await time.wait(TIMEOUT_SECONDS.dispatch * 1_000 + 2 * WINDOW_MS);
    return isDone;
  };
  const isDone = await time.finish(run());
  return { world, accepted: [...accepted], isDone };
};
