import { TIMEOUT_SECONDS } from '../../shared/limits.ts';
import type { Charged, Failure } from '../outcome.ts';
import type { Clock, Invocation, Ledger } from '../ports.ts';
import { type AvatarRecord, instantOf, type Status } from './record.ts';
import { type Change, postponed, withoutWork } from './record-changes.ts';

export type Erasure =
  /** What a person said is gone from the record. Dispatch has yet to delete the copies of the images. */
  | { readonly kind: 'erasing'; readonly record: AvatarRecord }
  | { readonly kind: 'erased'; readonly record: AvatarRecord }
  /** Only a request that has ended, and has no work left, can be erased. */
  | { readonly kind: 'not_erasable'; readonly record: AvatarRecord }
  | { readonly kind: 'not_found' };

const ENDED: readonly Status[] = ['succeeded', 'failed', 'rejected', 'in_doubt', 'cancelled'];

/** Whether an erasure would start now. */
export const isErasable = ({ status, open, erasure }: AvatarRecord): boolean =>
  ENDED.includes(status) && open === undefined && erasure === undefined;

/** JoggAI's own message may repeat the request, and nothing can be sent again from this record. */
const erasedError = ({ code, message }: Failure, charged: Charged): Failure => ({
  code,
  message,
  advice:
    'The request was erased, and its key only replays this record. ' +
    (charged === 'no'
      ? 'If it is needed after all, send it under a new key.'
      : 'Look for the charge in the JoggAI dashboard before you send it under a new key.'),
});

/**
 * The record without the request and without all that repeats it: JoggAI's message and links, and an invalid event. The
 * copies are due to be deleted. Its id, key, hash and charge stay, so that nothing is paid for twice.
 */
const erasing = (record: AvatarRecord, by: string, at: Change): AvatarRecord => {
  const { request: _request, invalid: _invalid, images: _images, error, ...kept } = record;
  return {
    ...postponed(kept, at, { open: 'erasing', dueAt: instantOf(at.now) }),
    ...(error === undefined ? {} : { error: erasedError(error, record.charged) }),
    erasure: { by, at: instantOf(at.now) },
  };
};

/**
 * From the start of an erasure until no dispatch can still be copying an image of the request, in milliseconds. The
 * margin covers clock skew and writes under way.
 */
const LATE_COPIES_MS = (TIMEOUT_SECONDS.dispatch + 30) * 1_000;

/**
 * The record after its copies were deleted. While a dispatch may still be copying, they are due to be deleted once more.
 */
export const afterDeletion = (record: AvatarRecord, at: Change): AvatarRecord => {
  const startedAt = Date.parse(record.erasure?.at ?? record.updatedAt);
  const settledAt = startedAt + LATE_COPIES_MS;
  // Only a success has images to copy.
  return record.status === 'succeeded' && at.now < settledAt
    ? postponed(record, at, { open: 'erasing', dueAt: instantOf(settledAt) })
    : { ...withoutWork(record, at), erasedAt: instantOf(at.now) };
};

export interface ErasurePorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'>;
  readonly clock: Clock;
}

/**
 * Erases what a person said and showed in an ended request. One write removes it from the record and has dispatch delete
 * the copies, so a process that ends in between leaves nothing half done. May be repeated.
 */
export const createErase =
  ({ ledger, clock }: ErasurePorts) =>
  /** @param by who erases */
  async (id: string, by: string, invocation: Invocation): Promise<Erasure> => {
    let record = await ledger.get(id);
    while (record) {
      if (record.erasure) return { kind: record.erasedAt === undefined ? 'erasing' : 'erased', record };
      if (!isErasable(record)) return { kind: 'not_erasable', record };
      const next = erasing(record, by, { now: clock(), by: invocation.id });
      const replaced = await ledger.replace(next);
      if (replaced.kind === 'stored') return { kind: 'erasing', record: next };
      record = replaced.record;
    }
    return { kind: 'not_found' };
  };
