import { callsUnder, START, USUAL_WORLD } from './backlog.ts';
import { BATCH_SIZE, createWorld } from './world.ts';

const MINUTE = 60_000;

/** How JoggAI fails. */
export type OutageKind = 'code_50000' | 'http_403' | 'silence';

const CONDITIONS = { answerMs: [100, 500], delayedShare: 0.01 } as const;

export interface OutageResult {
  /** Requests that need a person: failed or in doubt. */
  readonly needPerson: number;
  readonly accepted: number;
  /** From the end of the outage to the last acceptance, in minutes. */
  readonly minutesAfter: number;
}

/** How requests arrive in an outage. */
export type OutageArrival =
  /** All wait when it starts. */
  | 'waiting'
  /** As events, all when it starts. */
  | 'burst'
  /** As events, evenly over its time. */
  | 'trickle';

export interface OutageOptions {
  readonly kind: OutageKind;
  readonly arrival: OutageArrival;
  readonly requests: number;
  readonly seed: number;
  /** Whether JoggAI's free reads work during the outage. */
  readonly isReadable: boolean;
}

/** Lets requests arrive in an outage of ten minutes, and dispatches every minute until all have ended. */
export const runOutage = async ({
  kind,
  arrival,
  requests,
  seed,
  isReadable,
}: OutageOptions): Promise<OutageResult> => {
  const good = callsUnder(CONDITIONS, seed);
  const end = START + 10 * MINUTE;
  const bad = {
    code_50000: { kind: 'failed', sendMs: 20, answerMs: 200 },
    http_403: { kind: 'http_rejected', sendMs: 20, answerMs: 50 },
    silence: { kind: 'answer_lost', sendMs: 20, answerMs: 10 * MINUTE },
  } as const;
  const world = createWorld({
    ...USUAL_WORLD,
    seed,
    dailyCallLimit: 10 * requests,
    nextCall: () => (world.time.clock() < end ? bad[kind] : good()),
    isReadable: () => isReadable || world.time.clock() >= end,
  });
  const { time } = world;
  const isOpen = () => world.records().some(({ status }) => status === 'queued' || status === 'submitting');
  const arrive = async (): Promise<void> => {
    const names = Array.from({ length: requests }, (_, index) => `event ${index}`);
    const batches = Array.from({ length: requests / BATCH_SIZE }, (_, index) =>
      names.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
    );
    if (arrival === 'waiting') return world.enqueue(names);
    if (arrival === 'burst') return world.deliverAll(batches);
    for (const batch of batches) {
      void world.deliver(batch);
      await time.wait((end - START) / batches.length);
    }
  };
  const dispatchUntilDone = async (): Promise<void> => {
    for (let minutes = 0; (isOpen() || time.clock() < end) && minutes < 120; minutes += 1) {
      world.dispatch();
      await time.wait(MINUTE);
    }
    // Until the last lease has expired.
    await time.wait(3 * MINUTE);
  };
  const story = async (): Promise<void> => {
    const arrived = arrive();
    if (arrival === 'waiting') await arrived;
    await Promise.all([arrived, dispatchUntilDone()]);
  };
  await time.finish(story());
  const ended = world.records();
  return {
    needPerson: ended.filter(({ status }) => status === 'failed' || status === 'in_doubt').length,
    accepted: ended.filter(({ status }) => status === 'generating').length,
    minutesAfter: ((world.upstream.arrivals.at(-1) ?? end) - end) / MINUTE,
  };
};
