import { type AvatarRecord, isUnresolved } from '../lambda/domain/record/record.ts';
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
  /** How often each of them is sent at the same time. */
  readonly deliveries: number;
  /** Milliseconds after which each of them is sent once more. */
  readonly againAfterMs: number;
}

/** What a person does with the account or with one of the records. It may be sent again some minutes later. */
export interface PersonsAct {
  /** Milliseconds after the start. */
  readonly at: number;
  readonly act: 'resubmit' | 'close' | 'cancel' | 'erase' | 'pause' | 'resume';
  /** Which of the records: from 0 to 1. */
  readonly pick: number;
  readonly deliveries: number;
}

/** A time during which every call ends so. */
export interface Outage {
  /** Milliseconds after the start. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'failed' | 'http_rejected' | 'silence' | 'unreachable';
}

export interface Scenario extends Omit<WorldOptions, 'start' | 'nextCall' | 'isReadable' | 'completes'> {
  readonly arrivals: readonly Arrival[];
  /** The course of the first calls. */
  readonly firstCalls: readonly PlannedCall[];
  /** The course of all other calls. */
  readonly usualCall: PlannedCall;
  readonly outages?: readonly Outage[];
  readonly acts?: readonly PersonsAct[];
  /** As in `WorldOptions`, but after the start. */
  readonly rotations?: readonly number[];
}

/** Ten minutes before midnight UTC, so that the daily limit restarts during most scenarios. */
const START = Date.UTC(2026, 10, 22, 23, 50);

const MINUTE = 60_000;

/** Dispatches after which a scenario that has not ended counts as stuck. */
const MAX_DISPATCHES = 600;

const OUTAGE_CALLS = {
  failed: { kind: 'failed', sendMs: 20, answerMs: 200 },
  http_rejected: { kind: 'http_rejected', sendMs: 20, answerMs: 50 },
  silence: { kind: 'answer_lost', sendMs: 20, answerMs: 10 * MINUTE },
  unreachable: { kind: 'unreachable', sendMs: 100, answerMs: 0 },
} as const satisfies Record<Outage['kind'], PlannedCall>;

/** The records that a person may want to act on. */
const CANDIDATES = {
  resubmit: isUnresolved,
  close: isUnresolved,
  cancel: ({ status }: AvatarRecord) => status === 'queued' || status === 'submitting',
  erase: ({ open }: AvatarRecord) => open === 'announcing' || open === undefined,
} as const;

export interface Ended {
  readonly world: World;
  /** Requests that the service accepted. */
  readonly accepted: readonly string[];
  /** The request of each decision to send one again: the same one more than once after several decisions. */
  readonly resubmitted: readonly string[];
  /** Whether no request is queued or being submitted any more. */
  readonly isDone: boolean;
}

/** Runs a scenario, with a dispatch every minute until no request is queued or being submitted. */
export const runScenario = async (scenario: Scenario): Promise<Ended> => {
  const { firstCalls, usualCall, outages = [], acts = [], rotations = [] } = scenario;
  let calls = 0;
  const currentOutage = () => {
    const passed = world.time.clock() - START;
    return outages.find(({ from, to }) => from <= passed && passed < to);
  };
  const world: World = createWorld({
    ...scenario,
    start: START,
    completes: true,
    rotations: rotations.map((at) => START + at),
    isReadable: () => currentOutage() === undefined,
    nextCall: () => {
      const outage = currentOutage();
      if (outage) return OUTAGE_CALLS[outage.kind];
      const plannedCall = firstCalls[calls] ?? usualCall;
      calls += 1;
      return plannedCall;
    },
  });
  const { time } = world;
  const accepted = new Set<string>();
  const resubmitted: string[] = [];

  const arrive = async (
    { at, source, count, deliveries, againAfterMs }: Arrival,
    index: number,
  ): Promise<void> => {
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
    await time.wait(againAfterMs);
    await deliver();
  };

  const pause = (isPaused: boolean) =>
    world.operate(({ gate }) => gate.pause(isPaused ? { by: 'operator' } : undefined));

  const act = async ({ at, act, pick, deliveries }: PersonsAct): Promise<void> => {
    await time.wait(at);
    if (act === 'pause' || act === 'resume') {
      await pause(act === 'pause');
      return;
    }
    // Often one that cannot be cancelled, erased or decided on any more when it is sent.
    const candidates = world.records().filter(CANDIDATES[act]);
    const record = candidates[Math.floor(pick * candidates.length)];
    if (!record) return;
    const { id, version } = record;
    if (act === 'resubmit' && record.request) resubmitted.push(nameOf(record.request));
    for (let delivery = 0; delivery < deliveries; delivery += 1) {
      await world.operate(({ resolve, cancel, erase }, invocation): Promise<unknown> => {
        if (act === 'cancel') return cancel(id, 'operator', invocation);
        if (act === 'erase') return erase(id, 'operator', invocation);
        return resolve(id, { action: act, version, by: 'operator', reason: 'decided' }, invocation);
      });
      await time.wait(3 * MINUTE);
    }
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
    const personsActs = Promise.all(acts.map(act)).then(async () => {
      // A person repeats it until it has worked.
      while (world.gateView().account?.pause) await pause(false);
    });
    const arrivals = Promise.all([...scenario.arrivals.map(arrive), personsActs]);
    const isDone = await dispatchEveryMinute(arrivals);
    // Until the last lease has expired, and the last window after it has ended.
    await time.wait(TIMEOUT_SECONDS.dispatch * 1_000 + 2 * WINDOW_MS);
    return isDone;
  };
  const isDone = await time.finish(run());
  return { world, accepted: [...accepted], resubmitted, isDone };
};
