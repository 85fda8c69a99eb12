import { errorName } from '../../shared/error-name.ts';
import type { Clock, Invocation, Ledger } from '../ports.ts';
import { type AvatarRecord, type ClaimedRecord, isClaimed } from '../record/record.ts';

/** From one attempt to end a claim to the next, in milliseconds. */
const PAUSE_MS = 250;

/** No further attempt is made with less time of the invocation than this left, in milliseconds. */
const MIN_TIME_LEFT_MS = 1_000;

export interface EndClaimPorts {
  readonly ledger: Pick<Ledger, 'replace'>;
  readonly clock: Clock;
  /** Resolves after so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/**
 * Records the end of a claim. Repeats a failed write while the invocation lasts, because a claim without a recorded end
 * ends in doubt. Never throws.
 *
 * @returns why it could not be recorded, or `undefined`
 */
export const recordEnd = async (
  { ledger, clock, wait }: EndClaimPorts,
  next: AvatarRecord,
  invocation: Invocation,
): Promise<string | undefined> => {
  for (;;) {
    try {
      const replaced = await ledger.replace(next);
      // An earlier attempt may have stored it although its answer was lost.
      if (replaced.kind === 'stored' || holdsEnd(replaced.record, next)) return undefined;
      return 'the claim was ended by another process';
    } catch (error) {
      if (clock() + PAUSE_MS > invocation.deadline - MIN_TIME_LEFT_MS) return errorName(error);
      await wait(PAUSE_MS);
    }
  }
};

/** Whether the record's history contains the last change of `next`. */
const holdsEnd = (record: AvatarRecord | undefined, next: AvatarRecord): boolean => {
  const end = next.history.at(-1);
  return (
    record?.history.some(
      ({ version, status, by }) => version === end?.version && status === end?.status && by === end?.by,
    ) ?? false
  );
};

/**
 * Releases a claim whose write failed and for which nothing was sent, in case it was stored. If the ledger cannot be
 * reached, the claim stays and its lease expires. Never throws.
 *
 * @param released the record without the claim
 */
export const releaseStored = async (
  ledger: Pick<Ledger, 'get' | 'replace'>,
  { id, attempt }: ClaimedRecord,
  released: (held: ClaimedRecord) => AvatarRecord,
): Promise<void> => {
  try {
    const held = await ledger.get(id);
    if (held && isClaimed(held) && held.attempt.id === attempt.id) await ledger.replace(released(held));
  } catch {
    // The caller reports the first error, which has the same cause.
  }
};
