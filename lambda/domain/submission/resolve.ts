import type { Clock, Invocation, Ledger } from '../ports.ts';
import { type AvatarRecord, instantOf, isUnresolved } from '../record/record.ts';
import { type Change, changeStatus, toBePublished, toBeSubmitted } from '../record/record-changes.ts';

export const RESOLUTION_ACTIONS = ['resubmit', 'close'] as const;

/** A person's decision about a request that may have been paid for. */
export interface Decision {
  /** `resubmit` accepts the risk of a second charge; `close` ends the request as it is. */
  readonly action: (typeof RESOLUTION_ACTIONS)[number];
  /** The version of the record that the person saw. */
  readonly version: number;
  /** Who decided. */
  readonly by: string;
  readonly reason: string;
}

export type Resolution =
  | { readonly kind: 'resolved'; readonly record: AvatarRecord }
  /** Only a request that failed or is in doubt, and was not resolved yet, can be resolved; an erased one only closed. */
  | { readonly kind: 'not_resolvable'; readonly record: AvatarRecord }
  /** The record changed its status since the version that the decision names. */
  | { readonly kind: 'outdated'; readonly record: AvatarRecord }
  | { readonly kind: 'not_found' };

/** An erased request can be closed, but not sent again; while it is being erased, it changes for nothing else. */
export const isResolvable = (record: AvatarRecord, action: Decision['action']): boolean =>
  isUnresolved(record) && record.open !== 'erasing' && (action === 'close' || record.request !== undefined);

/** Whether the status that the person saw is the present one: publishing the end changes the version, too. */
const isCurrent = ({ history, version }: AvatarRecord, seen: number): boolean =>
  seen <= version && seen >= (history.at(-1)?.version ?? version);

const resolved = (record: AvatarRecord, decision: Decision, at: Change): AvatarRecord => {
  const { action, by, reason } = decision;
  const resolution = { action, by, reason, at: instantOf(at.now) };
  const note = `${action} by ${by}: ${reason}`;
  if (action === 'resubmit') {
    // The record describes its latest attempt; the history keeps the earlier ones.
    const earlier = `charged before: ${record.charged}${record.photoId ? `, photo ${record.photoId}` : ''}`;
    return changeStatus(
      { ...record, photoId: undefined, images: undefined, copyRounds: undefined },
      at,
      'queued',
      { ...toBeSubmitted(at), note: `${note} (${earlier})` },
    );
  }
  return {
    ...changeStatus(record, at, 'failed', { ...toBePublished(at), error: record.error, note }),
    resolution,
  };
};

export interface ResolutionPorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'>;
  readonly clock: Clock;
}

/** Resolves a request by a person's decision, recorded with who, when and why. Of two concurrent decisions, one wins. */
export const createResolve =
  ({ ledger, clock }: ResolutionPorts) =>
  async (id: string, decision: Decision, invocation: Invocation): Promise<Resolution> => {
    let record = await ledger.get(id);
    while (record) {
      if (!isResolvable(record, decision.action)) return { kind: 'not_resolvable', record };
      if (!isCurrent(record, decision.version)) return { kind: 'outdated', record };
      const next = resolved(record, decision, { now: clock(), by: invocation.id });
      const replaced = await ledger.replace(next);
      if (replaced.kind === 'stored') return { kind: 'resolved', record: next };
      // Not always another decision: dispatch may just have published the end.
      record = replaced.record;
    }
    return { kind: 'not_found' };
  };
