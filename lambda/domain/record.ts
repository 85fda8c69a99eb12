import * as z from 'zod/mini';
import type { PhotoAvatarRequest } from './contract.ts';
import { FAILURE_CODES } from './outcome.ts';

export const STATUSES = [
  'queued',
  'submitting',
  'generating',
  'succeeded',
  'failed',
  'rejected',
  'in_doubt',
] as const;

export const status = z.enum(STATUSES);
export type Status = z.infer<typeof status>;

/** What is left to be done about a record: the partition of the index that dispatch works on. */
export const OPEN_STATES = ['queued', 'submitting', 'generating', 'copying', 'announcing'] as const;
export type OpenState = (typeof OPEN_STATES)[number];

/**
 * One request from its acceptance to its end: the row of the ledger. Made when the first one is read, which most
 * starts of a function do not come to.
 */
export const avatarRecord = z.lazy(() => {
  /** A point in time as the ledger keeps it: ISO 8601 in UTC with milliseconds, so that text sorts as time does. */
  const instant = z.iso.datetime({ precision: 3 });

  const change = z.object({
    status,
    at: instant,
    /** Id of the Lambda invocation that did it. */
    by: z.string(),
    note: z.optional(z.string()),
  });

  const failure = z.object({
    code: z.enum(FAILURE_CODES),
    message: z.string(),
    advice: z.string(),
    joggai: z.optional(z.object({ code: z.int(), message: z.string() })),
  });

  /** One picture of a generation. */
  const image = z.object({
    /** JoggAI's address of it. Nobody says how long it lives. */
    url: z.string(),
    /** JoggAI's own key of it. */
    key: z.optional(z.string()),
    /** Where our copy lies in the bucket of the stack. */
    copy: z.optional(z.object({ key: z.string(), contentType: z.string(), bytes: z.int() })),
    /** Why there is no copy and none is tried any more. */
    refused: z.optional(z.string()),
  });

  return z.object({
    id: z.string(),
    /** One more with every write: what a conditional write compares. */
    version: z.int(),
    status,
    /** The way it came in. */
    source: z.enum(['http', 'invoke', 'queue', 'eventbridge', 'sns']),
    /** Who asked, as far as known: an ARN, a token's subject, an event's source. */
    caller: z.string(),
    /** Valid when it was accepted; not measured again by what the contract may say today. */
    request: z.optional(z.custom<PhotoAvatarRequest>((value) => value !== null && typeof value === 'object')),
    /** An event that was no valid request, as it came in. */
    invalid: z.optional(
      z.object({ body: z.string(), errors: z.array(z.object({ field: z.string(), message: z.string() })) }),
    ),
    requestHash: z.string(),
    /** The caller's own name for it. */
    idempotencyKey: z.optional(z.string()),
    createdAt: instant,
    updatedAt: instant,
    /** Paid POSTs begun for it. */
    attempts: z.int(),
    /** Present while `submitting`: whoever holds it may call JoggAI, until the lease is over. */
    attempt: z.optional(z.object({ id: z.string(), startedAt: instant, leaseUntil: instant })),
    /** What is to be done about it next, and when; both absent where nothing is left to do. */
    open: z.optional(z.enum(OPEN_STATES)),
    dueAt: z.optional(instant),
    charged: z.enum(['yes', 'no', 'unknown']),
    photoId: z.optional(z.string()),
    /** When JoggAI took it. */
    generatingSince: z.optional(instant),
    images: z.optional(z.array(image)),
    /** Rounds in which not every picture could be copied. */
    copyRounds: z.optional(z.int()),
    error: z.optional(failure),
    /** How a person settled it. */
    resolution: z.optional(
      z.object({ action: z.enum(['resubmit', 'close']), by: z.string(), reason: z.string(), at: instant }),
    ),
    history: z.array(change),
  });
});

export type AvatarRecord = z.infer<typeof avatarRecord>;
export type Source = AvatarRecord['source'];
export type AvatarImage = NonNullable<AvatarRecord['images']>[number];

/** A record of a valid request. */
export type SubmittableRecord = AvatarRecord & Required<Pick<AvatarRecord, 'request'>>;

/** A record that somebody may submit, and nobody else. */
export type ClaimedRecord = SubmittableRecord & Required<Pick<AvatarRecord, 'attempt'>>;

export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Whether the same idempotency key may submit this record again: only if it was certainly not charged. */
export const mayBeSubmittedAgain = (record: AvatarRecord): record is SubmittableRecord =>
  record.status === 'rejected' && record.request !== undefined;

/** Whether the record waits in line. */
export const isQueued = (record: AvatarRecord): record is SubmittableRecord =>
  record.status === 'queued' && record.request !== undefined;

/** Whether the record is in the hands of an attempt. */
export const isClaimed = (record: AvatarRecord): record is ClaimedRecord =>
  record.status === 'submitting' && record.request !== undefined && record.attempt !== undefined;
