import type { Invocation } from './paid-call.ts';
import type { Clock, Ledger, OpenRecords } from './ports.ts';
import { type AvatarRecord, isClaimed } from './record.ts';
import { lost } from './submitting.ts';

export interface SweepPorts {
  readonly ledger: Pick<Ledger, 'replace'> & OpenRecords;
  readonly clock: Clock;
  /** Told of each claim that turned out to be lost. */
  readonly onLost: (record: AvatarRecord) => void;
}

/** Claims looked at in one sweep. What is left over is found by the next one. */
const PAGE = 100;

/**
 * Puts claims whose lease is over in doubt: whoever held them is gone, and JoggAI may have been called.
 * Nobody ever submits them again on its own.
 */
export const createSweep =
  ({ ledger, clock, onLost }: SweepPorts) =>
  async (invocation: Invocation): Promise<void> => {
    const due = await ledger.due('submitting', { now: clock(), limit: PAGE });
    for (const record of due.filter(isClaimed)) {
      const next = lost(record, { now: clock(), by: invocation.id });
      // A conflict: its holder recorded the outcome after all, or another sweep was here first.
      if ((await ledger.replace(next)).kind === 'stored') onLost(next);
    }
  };
