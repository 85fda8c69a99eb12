import type { Clock, Invocation, Ledger, OpenRecords } from '../ports.ts';
import { type AvatarRecord, isClaimed } from '../record/record.ts';
import { leaseExpired } from './submission-rules.ts';

export interface SweepPorts {
  readonly ledger: Pick<Ledger, 'replace'> & OpenRecords;
  readonly clock: Clock;
  /** Called for each claim whose lease expired. */
  readonly onLeaseExpired: (record: AvatarRecord) => void;
}

/** Claims read in one sweep. The next sweep reads the rest. */
const PAGE = 100;

/**
 * Puts claims with an expired lease in doubt: their holder is gone, and JoggAI may have been called. Only a person may
 * have them submitted again.
 */
export const createSweep =
  ({ ledger, clock, onLeaseExpired }: SweepPorts) =>
  async (invocation: Invocation): Promise<void> => {
    const due = await ledger.due('submitting', { now: clock(), limit: PAGE });
    for (const record of due.filter(isClaimed)) {
      const next = leaseExpired(record, { now: clock(), by: invocation.id });
      // A conflict means that the holder recorded the outcome, or that another sweep was first.
      if ((await ledger.replace(next)).kind === 'stored') onLeaseExpired(next);
    }
  };
