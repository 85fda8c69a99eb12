import * as z from 'zod/mini';
import { CHARGED, FAILURE_CODES, type FailureCode } from '../outcome.ts';
import type { PhotoAvatarRequest } from '../request/contract.ts';

export const STATUSES = [
  'queued',
  'submitting',
  'generating',
  'succeeded',
  'failed',
  'rejected',
  'in_doubt',
  'cancelled',
] as const;

export const status = z.enum(STATUSES);
export type Status = z.infer<typeof status>;

/**
 * The work left to do on a record: the partition of the index that dispatch reads. `announcing`: its end is to be
 * published. `erasing`: the copies of its images are to be deleted.
 */
export const OPEN_STATES = [
  'queued',
  'submitting',
  'generating',
  'copying',
  'announcing',
  'erasing',
] as const;
export type OpenState = (typeof OPEN_STATES)[number];

/** Codes that records of version 0.1.0 before its release hold, and their names now. */
const RENAMED_FAILURE_CODES: ReadonlyMap<string, FailureCode> = new Map([
  ['daily_limit', 'daily_limit_reached'],
  ['turned_away', 'http_rejected'],
] as const);

/**
 * One request from acceptance to its end: an item of the ledger. The schema is built when the first record is read,
 * because building it at every start costs time.
 */
export const avatarRecord = z.lazy(() => {
  const failureCode = z.pipe(
    z.pipe(
      z.string(),
      z.transform((code) => RENAMED_FAILURE_CODES.get(code) ?? code),
    ),
    z.enum(FAILURE_CODES),
  );

  /** ISO 8601 in UTC with milliseconds, so that text sorts as time does. */
  const instant = z.iso.datetime({ precision: 3 });

  const change = z.object({
    status,
    at: instant,
    /** Id of the Lambda invocation that made the change. */
    by: z.string(),
    note: z.optional(z.string()),
    /** The record's version after the change. */
    version: z.optional(z.int()),
  });

  const failure = z.object({
    code: failureCode,
    message: z.string(),
    advice: z.string(),
    joggai: z.optional(z.object({ code: z.int(), message: z.string() })),
  });

  /** One image of a generation. */
  const image = z.object({
    /** At JoggAI, which does not document how long it works. */
    url: z.string(),
    /** JoggAI's key of the image. */
    key: z.optional(z.string()),
    /** The copy in the stack's bucket. */
    copy: z.optional(z.object({ key: z.string(), contentType: z.string(), bytes: z.int() })),
    /** Why there is no copy, and no further attempt. */
    refused: z.optional(z.string()),
  });

  return z.object({
    id: z.string(),
    /** Incremented with every write; compared by conditional writes. */
    version: z.int(),
    status,
    /** The entrance that it came in by. A message's envelope names it, which any sender to the queue can write. */
    source: z.enum(['http', 'invoke', 'queue', 'eventbridge', 'sns']),
    /** An ARN, a token's subject, or an event's source. As true as `source`. */
    caller: z.string(),
    /** Whose it is, proven by the entrance: the namespace of the caller's idempotency keys. Absent in records of version 0.1.0. */
    owner: z.optional(z.string()),
    /** Validated on acceptance, not again: the contract may have changed since. Absent if it was invalid or is erased. */
    request: z.optional(z.custom<PhotoAvatarRequest>((value) => value !== null && typeof value === 'object')),
    /** An event that is not a valid request, as received. */
    invalid: z.optional(
      z.object({ body: z.string(), errors: z.array(z.object({ field: z.string(), message: z.string() })) }),
    ),
    requestHash: z.string(),
    /** Given by the caller. */
    idempotencyKey: z.optional(z.string()),
    /** By which the logs find it, of the first request under its key. Absent in records of version 0.1.0. */
    correlationId: z.optional(z.string()),
    createdAt: instant,
    updatedAt: instant,
    /** Paid POSTs started for it. */
    attempts: z.int(),
    /** Present while `submitting`: its holder may call JoggAI until the lease expires. */
    attempt: z.optional(
      z.object({
        id: z.string(),
        startedAt: instant,
        leaseUntil: instant,
        /** The worst of all earlier attempts. Absent: there was none that may have been charged. */
        chargedBefore: z.optional(z.enum(CHARGED)),
      }),
    ),
    /** Since when it has waited: its place in the queue. Absent: since its creation. */
    queuedAt: z.optional(instant),
    /** The next step and its time; both absent when no work is left. */
    open: z.optional(z.enum(OPEN_STATES)),
    dueAt: z.optional(instant),
    /** The worst of all attempts. */
    charged: z.enum(CHARGED),
    /** Tries that were rejected in front of JoggAI while other requests passed. */
    httpRejections: z.optional(z.int()),
    photoId: z.optional(z.string()),
    /** When JoggAI accepted it. */
    generatingSince: z.optional(instant),
    images: z.optional(z.array(image)),
    /** Rounds of copying so far. */
    copyRounds: z.optional(z.int()),
    error: z.optional(failure),
    /** A person's decision. */
    resolution: z.optional(
      z.object({ action: z.enum(['resubmit', 'close']), by: z.string(), reason: z.string(), at: instant }),
    ),
    /** Who had the request erased, and when: what a person said and showed is gone from this record. */
    erasure: z.optional(z.object({ by: z.string(), at: instant })),
    /** When the copies of the images were deleted, too. */
    erasedAt: z.optional(instant),
    history: z.array(change),
  });
});

export type AvatarRecord = z.infer<typeof avatarRecord>;
export type Source = AvatarRecord['source'];
export type AvatarImage = NonNullable<AvatarRecord['images']>[number];

/** A record of a valid request. */
export type SubmittableRecord = AvatarRecord & Required<Pick<AvatarRecord, 'request'>>;

/** A record that one attempt may submit, and no other. */
export type ClaimedRecord = SubmittableRecord & Required<Pick<AvatarRecord, 'attempt'>>;

export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Whether this record may be submitted again under its key: only if no attempt may have been charged, and it is not erased. */
export const mayBeSubmittedAgain = (record: AvatarRecord): record is SubmittableRecord =>
  record.status === 'rejected' && record.charged === 'no' && record.request !== undefined;

/** Since when a queued record has waited, as an instant. */
export const queuedSince = ({ queuedAt, createdAt }: AvatarRecord): string => queuedAt ?? createdAt;

/** Whether a person has yet to resolve it: it ended without a photo, and may not be sent again under its key. */
export const isUnresolved = ({ status, charged, resolution }: AvatarRecord): boolean =>
  (status === 'in_doubt' || status === 'failed' || (status === 'rejected' && charged !== 'no')) &&
  resolution === undefined;

/** Whether the record may be deleted some time later: no work is left, and no decision. */
export const mayExpire = (record: AvatarRecord): boolean =>
  record.dueAt === undefined && !isUnresolved(record);

/** Whether the record is queued. */
export const isQueued = (record: AvatarRecord): record is SubmittableRecord =>
  record.status === 'queued' && record.request !== undefined;

/** Whether an attempt holds the record. */
export const isClaimed = (record: AvatarRecord): record is ClaimedRecord =>
  record.status === 'submitting' && record.request !== undefined && record.attempt !== undefined;
