import type { Invocation } from './paid-call.ts';
import type { Clock, Ledger } from './ports.ts';
import { type AvatarRecord, instantOf, type SubmittableRecord } from './record.ts';
import { type Change, moved, movedRequest, toBeAnnounced } from './transition.ts';

export const RESOLUTION_ACTIONS = ['resubmit', 'close'] as const;

/** What a person decided about a request of which nobody knows whether it was paid. */
export interface Decision {
  /** `resubmit` accepts the risk of a second charge; `close` leaves it as it is. */
  readonly action: (typeof RESOLUTION_ACTIONS)[number];
  /** Who decided. */
  readonly by: string;
  readonly reason: string;
}

export type Resolution =
  | { readonly kind: 'resolved'; readonly record: AvatarRecord }
  /** It is not, or no longer, one that a person has to settle. */
  | { readonly kind: 'not_open'; readonly record: AvatarRecord }
  | { readonly kind: 'unknown' };

/** Whether a person may settle it: it ended without a photo, was perhaps paid for, and nobody settled it yet. */
const mayBeSettled = (record: AvatarRecord): record is SubmittableRecord =>
  (record.status === 'in_doubt' || record.status === 'failed') &&
  record.request !== undefined &&
  record.resolution === undefined;

const resolved = (record: SubmittableRecord, decision: Decision, at: Change): AvatarRecord => {
  const { action, by, reason } = decision;
  const resolution = { action, by, reason, at: instantOf(at.now) };
  const note = `${action} by ${by}: ${reason}`;
  if (action === 'resubmit') {
    // What an earlier attempt brought belongs to the history: the record tells of the latest.
    const earlier = `charged before: ${record.charged}${record.photoId ? `, photo ${record.photoId}` : ''}`;
    const again = { open: 'queued', dueAt: instantOf(at.now), note: `${note} (${earlier})` } as const;
    return movedRequest(
      { ...record, photoId: undefined, images: undefined, copyRounds: undefined },
      at,
      'queued',
      again,
    );
  }
  return {
    ...moved(record, at, 'failed', { ...toBeAnnounced(at), error: record.error, note }),
    resolution,
  };
};

export interface ResolutionPorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'>;
  readonly clock: Clock;
}

/** Settles a request by a person's decision, which is recorded with who, when and why. Of two at once, one wins. */
export const createResolve =
  ({ ledger, clock }: ResolutionPorts) =>
  async (id: string, decision: Decision, invocation: Invocation): Promise<Resolution> => {
    let record = await ledger.get(id);
    const attempts = record?.attempts;
    while (record) {
      // The decision was made about the attempts that there were.
      if (!mayBeSettled(record) || record.attempts !== attempts) return { kind: 'not_open', record };
      const next = resolved(record, decision, { now: clock(), by: invocation.id });
      const replaced = await ledger.replace(next);
      if (replaced.kind === 'stored') return { kind: 'resolved', record: next };
      // Not always another decision: dispatch may just have announced how it ended.
      record = replaced.record;
    }
    return { kind: 'unknown' };
  };
