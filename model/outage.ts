import { callsUnder, START, USUAL_WORLD } from './backlog.ts';
import { createWorld } from './world.ts';

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

/**
 * Lets so many requests wait when an outage of ten minutes starts, and dispatches every minute until all have ended.
 *
 * @param isReadable whether JoggAI's free reads work during the outage
 */
export const runOutage = async (
  kind: OutageKind,
  waiting: number,
  seed: number,
  isReadable: boolean,
): Promise<OutageResult> => {
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
    dailyCallLimit: 10 * waiting,
    nextCall: () => (world.time.clock() < end ? bad[kind] : good()),
    isReadable: () => isReadable || world.time.clock() >= end,
  });
  const { time } = world;
  const isOpen = () => world.records().some(({ status }) => status === 'queued' || status === 'submitting');
  const story = async (): Promise<void> => {
    const names = Array.from({ length: waiting }, (_, index) => `event ${index}`);
    await world.enqueue(names);
    for (let minutes = 0; isOpen() && minutes < 120; minutes += 1) {
      world.dispatch();
      await time.wait(MINUTE);
    }
    // Until the last lease has expired.
    await time.wait(3 * MINUTE);
  };
  await time.finish(story());
  const ended = world.records();
  return {
    needPerson: ended.filter(({ status }) => status === 'failed' || status === 'in_doubt').length,
    accepted: ended.filter(({ status }) => status === 'generating').length,
    minutesAfter: ((world.upstream.arrivals.at(-1) ?? end) - end) / MINUTE,
  };
};
