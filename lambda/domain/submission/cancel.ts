import type { Clock, Invocation, Ledger } from '../ports.ts';
import { type AvatarRecord, isQueued } from '../record/record.ts';
import { cancelled } from './submission-rules.ts';

export type Cancellation =
  /** Also if it was cancelled before: a repeated call, whose first answer was lost, has not failed. */
  | { readonly kind: 'cancelled'; readonly record: AvatarRecord }
  /** Only a queued request can be cancelled. `record` is as the ledger holds it. */
  | { readonly kind: 'not_cancellable'; readonly record: AvatarRecord }
  | { readonly kind: 'not_found' };

export interface CancellationPorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'>;
  readonly clock: Clock;
}

/** Takes a queued request back. Of a cancellation and a claim at the same time, one wins. */
export const createCancel =
  ({ ledger, clock }: CancellationPorts) =>
  /** @param by who cancels */
  async (id: string, by: string, invocation: Invocation): Promise<Cancellation> => {
    let record = await ledger.get(id);
    while (record) {
      if (record.status === 'cancelled') return { kind: 'cancelled', record };
      if (!isQueued(record)) return { kind: 'not_cancellable', record };
      const next = cancelled(record, by, { now: clock(), by: invocation.id });
      const replaced = await ledger.replace(next);
      if (replaced.kind === 'stored') return { kind: 'cancelled', record: next };
      // Not always a claim that goes on: it may have been released, and the request queued again.
      record = replaced.record;
    }
    return { kind: 'not_found' };
  };
