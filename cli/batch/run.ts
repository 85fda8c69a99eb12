import type { RecordView } from '../../client/index.ts';
import { hasEnded, isPhotoAvatarsError } from '../../client/index.ts';
import { EXIT, exitOfError } from '../exit-codes.ts';
import type { Service, Session } from '../session.ts';
import type { BatchRow } from './read-requests.ts';
import { type Outcome, outcomeOf, type StateFile } from './state-file.ts';

/** Requests in flight at once. The service paces the paid calls; this only keeps its entrance free for others. */
const CONCURRENCY = 4;

/** An accepted request that has not ended is read again after this time, in milliseconds. */
const POLL_MS = 5_000;
/** The longest time between two reads of one request, in milliseconds. */
const MAX_POLL_MS = 600_000;

/** What is known of a batch while it runs. */
export interface Progress {
  readonly outcomes: Map<string, Outcome>;
  /** Why a row was not accepted, by key. Running the batch again sends it again under the same key. */
  readonly errors: Map<string, unknown>;
  /** Called after every change. */
  onChange(): void;
}

export const isEnded = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && hasEnded({ status: outcome.status as RecordView['status'] });

const runWorkers = async (work: () => Promise<boolean>): Promise<void> => {
  const worker = async () => {
    while (await work());
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

/** Errors that every further row would meet, too. */
const stopsBatch = (error: unknown): boolean => {
  const code = exitOfError(error);
  return (
    code === EXIT.notAllowed || code === EXIT.refused || !isPhotoAvatarsError(error) || error.isRepeatable
  );
};

export interface Sending {
  readonly session: Session;
  readonly service: Service;
  readonly state: StateFile;
  readonly progress: Progress;
  /** Maximum of requests that this run may add. Those that turn out to be known do not count. */
  readonly maxCalls: number;
}

/** Sends the rows in their order, each under its key. Ends early when it is stopped, or when all rows would fail. */
export const sendRows = async (
  rows: readonly BatchRow[],
  { session: { interruption }, service: { client }, state, progress, maxCalls }: Sending,
): Promise<void> => {
  const left = rows.values();
  let calls = 0;
  let failed = false;
  await runWorkers(async () => {
    if (interruption.stop.aborted || failed || calls >= maxCalls) return false;
    const { value: row } = left.next();
    if (!row) return false;
    const { key, hash, request } = row;
    calls += 1;
    try {
      await state.writeSending(key, hash);
      const { record, replayed } = await client.submit(request, {
        idempotencyKey: key,
        respondAsync: true,
        signal: interruption.abandon,
      });
      if (replayed) calls -= 1;
      const outcome = outcomeOf(key, record);
      await state.writeOutcome(outcome);
      progress.outcomes.set(key, outcome);
      progress.errors.delete(key);
    } catch (error) {
      progress.errors.set(key, error);
      failed ||= stopsBatch(error);
    }
    progress.onChange();
    return true;
  });
};

/** Pauses, but not longer than until Ctrl-C. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });

export interface Following extends Omit<Sending, 'maxCalls'> {
  /** Calls that JoggAI accepts in a window. */
  readonly callsPerWindow: number;
  /** When to stop, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Whether nothing is left to wait for. */
  readonly isComplete: (record: RecordView) => boolean;
  /** Called with a complete record, before it is noted. Returns the paths of its pictures. */
  readonly onComplete: (record: RecordView) => Promise<readonly string[]>;
}

/**
 * Reads accepted requests until all have ended. They are submitted oldest first, so the front of the line is read often
 * and its end rarely.
 */
export const followRows = async (rows: readonly BatchRow[], following: Following): Promise<void> => {
  const { service, state, progress, callsPerWindow, deadline, isComplete, onComplete } = following;
  const { stop } = following.session.interruption;
  const pending = new Set(rows.map(({ key }) => key).filter((key) => progress.outcomes.has(key)));
  const readAt = new Map<string, number>();
  const inFlight = new Set<string>();
  const start = Date.now() - POLL_MS;
  /** Requests that may be at JoggAI, or will be soon. */
  const front = 2 * callsPerWindow;

  /** The next request to read, and when. */
  const next = (): { readonly key: string; readonly at: number } | undefined => {
    let best: { key: string; at: number } | undefined;
    let rank = 0;
    for (const key of pending) {
      const interval = Math.min(POLL_MS * (1 + rank / front) ** 2, MAX_POLL_MS);
      const at = (readAt.get(key) ?? start) + interval;
      rank += 1;
      if (!inFlight.has(key) && (!best || at < best.at)) best = { key, at };
    }
    return best;
  };

  await runWorkers(async () => {
    if (stop.aborted || pending.size === 0 || Date.now() >= deadline) return false;
    const found = next();
    if (!found || found.at > Date.now()) {
      const until = Math.min(found?.at ?? Number.POSITIVE_INFINITY, deadline, Date.now() + POLL_MS);
      await pause(Math.max(0, until - Date.now()), stop);
      return true;
    }
    const { key } = found;
    const known = progress.outcomes.get(key);
    if (!known) return true;
    inFlight.add(key);
    try {
      const record = await service.client.get(known.id, { signal: stop });
      const complete = isComplete(record);
      const outcome = outcomeOf(key, record, complete ? await onComplete(record) : []);
      if (complete || outcome.status !== known.status) await state.writeOutcome(outcome);
      progress.outcomes.set(key, outcome);
      if (complete) pending.delete(key);
      progress.errors.delete(key);
      progress.onChange();
    } catch (error) {
      if (stop.aborted) return false;
      // A read that fails for now is repeated; any other would fail each time.
      if (!isPhotoAvatarsError(error) || !error.isRepeatable) {
        progress.errors.set(key, error);
        pending.delete(key);
      }
    } finally {
      readAt.set(key, Date.now());
      inFlight.delete(key);
    }
    return true;
  });
};
