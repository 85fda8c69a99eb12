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

/** A claim whose end was recorded or not. */
export interface ClaimEnd {
  /** As the ledger holds it or, with a problem, as it should. */
  readonly record: AvatarRecord;
  /** Why it could not be recorded. */
  readonly problem?: string;
}

/** @param ended the record with its end, made from the claimed one */
export type ClaimToEnd = [
  claimed: ClaimedRecord,
  ended: (held: ClaimedRecord) => AvatarRecord,
  invocation: Invocation,
];

/**
 * Records the end of a claim. Repeats a failed write while the invocation lasts, because a claim without a recorded end
 * ends in doubt. A process whose clock is ahead may have found the lease expired and put the record in doubt: the end is
 * the better evidence, and replaces that. Never throws.
 */
export const recordEnd = async (
  { ledger, clock, wait }: EndClaimPorts,
  ...[claimed, ended, invocation]: ClaimToEnd
): Promise<ClaimEnd> => {
  let record = ended(claimed);
  for (;;) {
    try {
      const replaced = await ledger.replace(record);
      // An earlier attempt may have stored it although its answer was lost.
      if (replaced.kind === 'stored' || holdsEnd(replaced.record, record)) return { record };
      const doubted = replaced.record && doubtedClaim(replaced.record, claimed);
      if (!doubted) return { record, problem: 'the claim was ended by another process' };
      record = ended(doubted);
    } catch (error) {
      if (clock() + PAUSE_MS > invocation.deadline - MIN_TIME_LEFT_MS) {
        return { record, problem: errorName(error) };
      }
      await wait(PAUSE_MS);
    }
  }
};

/** The claim as the record in its place still holds it, if that was put in doubt only because the lease expired. */
const doubtedClaim = (record: AvatarRecord, { attempt, request, version }: ClaimedRecord) => {
  const [claim, doubt, ...later] = record.history.filter((change) => (change.version ?? 0) >= version);
  // Never after an erasure, which took the request away.
  if (record.request === undefined) return undefined;
  const isOurs = claim?.version === version && doubt?.status === 'in_doubt' && later.length === 0;
  return isOurs && record.status === 'in_doubt' && record.error?.code === 'no_outcome_recorded'
    ? { ...record, attempt, request }
    : undefined;
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
