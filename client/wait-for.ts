import type { RecordView } from '../lambda/views/schemas.ts';
import { isPhotoAvatarsError, WaitTimeoutError } from './errors.ts';
import type { Timing } from './timing.ts';

export interface WaitOptions {
  /** Milliseconds. @default 900_000, 15 minutes */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the first record that is read, and with every later version. */
  readonly onChange?: ((record: RecordView) => void) | undefined;
  /** Also waits until each image of a success has its copy, or was refused one. @default false */
  readonly copies?: boolean | undefined;
}

export interface Reading {
  readonly record: RecordView;
  readonly retryAfterMs: number | undefined;
}

export interface WaitPorts {
  /** Reads the record once, without repeats. */
  readonly read: (attemptTimeoutMs: number) => Promise<Reading>;
  readonly attemptTimeoutMs: number;
  readonly timing: Timing;
}

const DEFAULT_TIMEOUT_MS = 15 * 60_000;

/** The last read gets this long, although the time is up. */
const MIN_READ_MS = 1_000;

/** Statuses from which a request goes no further without a person. Others, also unknown ones, may change. */
const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'rejected', 'in_doubt', 'cancelled']);

/** Whether a request has ended. One in doubt has: a person decides what becomes of it. */
export const hasEnded = ({ status }: Pick<RecordView, 'status'>): boolean => ENDED.has(status);

const isComplete = (record: RecordView, copies: boolean): boolean =>
  hasEnded(record) &&
  !(copies && record.status === 'succeeded' && record.images?.some(({ copy, refused }) => !copy && !refused));

/** The service submits queued requests and copies images once a minute: it is not worthwhile to ask more often. */
const ONCE_A_MINUTE_WORK_MS = 15_000;
const FIRST_INTERVAL_MS = 2_000;
const LONGEST_INTERVAL_MS = 10_000;

/** @param unchanged reads in a row that found the same version */
const intervalMs = (record: RecordView | undefined, unchanged: number): number =>
  record?.status === 'queued' || record?.status === 'succeeded'
    ? ONCE_A_MINUTE_WORK_MS
    : Math.min(FIRST_INTERVAL_MS * 1.5 ** unchanged, LONGEST_INTERVAL_MS);

/**
 * Reads a record until its request has ended. A read that fails for now does not end the wait.
 *
 * @throws WaitTimeoutError at the time limit. The request continues
 * @throws PhotoAvatarsError if the record cannot be read, or an AbortError
 */
export const waitUntilEnded = async (
  id: string,
  { read, attemptTimeoutMs, timing }: WaitPorts,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal, onChange, copies = false }: WaitOptions,
): Promise<RecordView> => {
  const deadline = timing.now() + timeoutMs;
  let record: RecordView | undefined;
  let unchanged = 0;
  for (;;) {
    const left = deadline - timing.now();
    let askedMs: number | undefined;
    let failure: unknown;
    try {
      const reading = await read(Math.min(attemptTimeoutMs, Math.max(left, MIN_READ_MS)));
      askedMs = reading.retryAfterMs;
      unchanged = reading.record.version === record?.version ? unchanged + 1 : 0;
      record = reading.record;
      if (unchanged === 0) onChange?.(record);
      if (isComplete(record, copies)) return record;
    } catch (error) {
      if (!isPhotoAvatarsError(error) || !error.isRepeatable) throw error;
      failure = error;
      unchanged += 1;
    }
    const remaining = deadline - timing.now();
    if (remaining <= 0) throw timedOut(id, timeoutMs, record, failure);
    await timing.wait(Math.min(askedMs ?? intervalMs(record, unchanged), remaining), signal);
  }
};

const timedOut = (
  id: string,
  timeoutMs: number,
  record: RecordView | undefined,
  cause: unknown,
): WaitTimeoutError => {
  const state = record ? `is still ${record.status}` : 'could not be read';
  const advice = `It continues at the service. Wait again for ${id}, or cancel it while it is queued.`;
  return new WaitTimeoutError({
    message: `Photo avatar ${id} ${state} after ${timeoutMs / 1_000} s. ${advice}`,
    charged: record?.charged ?? 'unknown',
    advice,
    isRepeatable: true,
    record,
    cause,
  });
};
