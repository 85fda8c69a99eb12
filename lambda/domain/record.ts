import * as z from 'zod';
import type { FieldError, PhotoAvatarRequest } from './contract.ts';
import { hashOf, requestHash } from './identity.ts';
import { FAILURE_CODES, type Failure, type Verdict } from './outcome.ts';

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

/** A point in time as the ledger keeps it: ISO 8601 in UTC with milliseconds, so that text sorts as time does. */
const instant = z.iso.datetime({ precision: 3 });

const change = z.object({
  status,
  at: instant,
  /** Id of the Lambda invocation that did it. */
  by: z.string(),
  note: z.string().optional(),
});

const failure = z.object({
  code: z.enum(FAILURE_CODES),
  message: z.string(),
  advice: z.string(),
  joggai: z.object({ code: z.int(), message: z.string() }).optional(),
});

/** One request from its acceptance to its end: the row of the ledger. */
export const avatarRecord = z.object({
  id: z.string(),
  /** One more with every write: what a conditional write compares. */
  version: z.int(),
  status,
  /** The way it came in. */
  source: z.enum(['http', 'invoke', 'queue', 'eventbridge', 'sns']),
  /** Who asked, as far as known: an ARN, a token's subject, an event's source. */
  caller: z.string(),
  /** Valid when it was accepted; not measured again by what the contract may say today. */
  request: z.custom<PhotoAvatarRequest>((value) => value !== null && typeof value === 'object').optional(),
  /** An event that was no valid request, as it came in. */
  invalid: z
    .object({ body: z.string(), errors: z.array(z.object({ field: z.string(), message: z.string() })) })
    .optional(),
  requestHash: z.string(),
  createdAt: instant,
  updatedAt: instant,
  /** Paid POSTs begun for it. */
  attempts: z.int(),
  /** Present while `submitting`: whoever holds it may call JoggAI, until the lease is over. */
  attempt: z.object({ id: z.string(), startedAt: instant, leaseUntil: instant }).optional(),
  /** When there is something to be done about it next; absent where nothing is left to do. */
  dueAt: instant.optional(),
  charged: z.enum(['yes', 'no', 'unknown']),
  photoId: z.string().optional(),
  error: failure.optional(),
  history: z.array(change),
});

export type AvatarRecord = z.infer<typeof avatarRecord>;
export type Source = AvatarRecord['source'];

/** A record of a valid request. */
export type SubmittableRecord = AvatarRecord & Required<Pick<AvatarRecord, 'request'>>;

/** A record that somebody may submit, and nobody else. */
export type ClaimedRecord = SubmittableRecord & Required<Pick<AvatarRecord, 'attempt'>>;

/** Changes kept of a long history: the first ones and the latest, so that an item stays small. */
const HISTORY_HEAD = 10;
const HISTORY_TAIL = 40;

/** How long after its acceptance by JoggAI a generation is looked at first, in milliseconds. */
const FIRST_LOOK_MS = 60_000;

export interface NewRecord {
  readonly id: string;
  readonly source: Source;
  readonly caller: string;
  readonly request: PhotoAvatarRequest;
}

/** Who changes a record, and when: milliseconds since the epoch and the id of the invocation. */
export interface Change {
  readonly now: number;
  readonly by: string;
}

export interface Claim extends Change {
  readonly attemptId: string;
  /** Milliseconds since the epoch after which the holder is certainly gone. */
  readonly leaseUntil: number;
}

export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

const accepted = ({ request, ...fresh }: NewRecord, at: Change): SubmittableRecord => ({
  ...bare(fresh, requestHash(request), at),
  request,
});

const bare = (
  { id, source, caller }: Omit<NewRecord, 'request'>,
  hash: string,
  { now }: Change,
): AvatarRecord => ({
  id,
  version: 0,
  status: 'queued',
  source,
  caller,
  requestHash: hash,
  createdAt: instantOf(now),
  updatedAt: instantOf(now),
  attempts: 0,
  charged: 'no',
  history: [],
});

/** A record to be submitted later. */
export const acceptedAsQueued = (fresh: NewRecord, at: Change): SubmittableRecord =>
  movedRequest(accepted(fresh, at), at, 'queued', { dueAt: instantOf(at.now) });

export interface InvalidEvent extends Omit<NewRecord, 'request'> {
  /** What came in. */
  readonly body: string;
  readonly errors: readonly FieldError[];
}

/** Most of an invalid event's body that is kept, in characters: an item has an end. */
const MOST_INVALID_BODY = 64 * 1024;
const MOST_FIELD_ERRORS = 100;
const LONGEST_FIELD_NAME = 256;

/** The record of an event that was no valid request: nobody waits to be told, so it is kept for who looks. */
export const acceptedAsInvalid = ({ body, errors, ...fresh }: InvalidEvent, at: Change): AvatarRecord => {
  const record = {
    ...bare(fresh, hashOf(body), at),
    invalid: {
      body: body.slice(0, MOST_INVALID_BODY),
      errors: errors
        .slice(0, MOST_FIELD_ERRORS)
        .map(({ field, message }) => ({ field: field.slice(0, LONGEST_FIELD_NAME), message })),
    },
  };
  return moved(record, at, 'rejected', {
    error: {
      code: 'invalid_request',
      message: 'The event is not a valid request. Nothing was charged.',
      advice: 'Correct what is named under errors, and send a new event.',
    },
  });
};

/** A record that its acceptor submits at once: accepted and claimed in one write. */
export const acceptedAsClaimed = (fresh: NewRecord, claim: Claim): ClaimedRecord =>
  claimed(accepted(fresh, claim), claim);

/** The record in the hands of one attempt. Until this is written, nobody may call JoggAI for it. */
export const claimed = (
  record: SubmittableRecord,
  { attemptId, leaseUntil, ...at }: Claim,
): ClaimedRecord => {
  const attempt = { id: attemptId, startedAt: instantOf(at.now), leaseUntil: instantOf(leaseUntil) };
  const attempts = record.attempts + 1;
  return {
    ...movedRequest(record, at, 'submitting', { dueAt: attempt.leaseUntil, attempts, charged: 'unknown' }),
    attempt,
  };
};

/** A record that was certainly not charged, to be submitted again: at the end of the line. */
export const queuedAgain = (record: SubmittableRecord, at: Change): SubmittableRecord =>
  movedRequest(record, at, 'queued', { dueAt: instantOf(at.now) });

/** The record with the outcome of its attempt. */
export const settled = (record: ClaimedRecord, verdict: Verdict, at: Change): SubmittableRecord =>
  movedRequest(record, at, verdict.status, {
    charged: verdict.charged,
    ...(verdict.photoId === undefined ? {} : { photoId: verdict.photoId }),
    ...(verdict.error === undefined ? {} : { error: verdict.error }),
    ...dueAfter(verdict.status, record, at),
  });

/** A claimed record for which nothing was sent after all, back in its place in line. */
export const unclaimed = (record: ClaimedRecord, at: Change, note: string): SubmittableRecord =>
  movedRequest(record, at, 'queued', {
    attempts: record.attempts - 1,
    charged: 'no',
    note,
    ...dueAfter('queued', record, at),
  });

/** A claimed record whose caller waits, while the account takes nothing: nothing was sent. */
export const turnedBack = (record: ClaimedRecord, error: Failure, at: Change): SubmittableRecord =>
  movedRequest(record, at, 'rejected', { attempts: record.attempts - 1, charged: 'no', error });

/**
 * A claimed record whose lease is over: whoever held it is gone, and nobody knows whether JoggAI was called.
 */
export const lost = (record: ClaimedRecord, at: Change): SubmittableRecord =>
  movedRequest(record, at, 'in_doubt', {
    charged: 'unknown',
    error: {
      code: 'no_outcome_recorded',
      message: 'The function that submitted this request ended before it recorded an outcome.',
      advice:
        'It may have been charged. Look in the JoggAI dashboard for the photo and the charge; it is never sent again by itself.',
    },
  });

/** Whether the same idempotency key may submit this record again: only if it was certainly not charged. */
export const mayBeSubmittedAgain = (record: AvatarRecord): record is SubmittableRecord =>
  record.status === 'rejected' && record.request !== undefined;

/** Whether the record waits in line. */
export const isQueued = (record: AvatarRecord): record is SubmittableRecord =>
  record.status === 'queued' && record.request !== undefined;

/** Whether the record is in the hands of an attempt. */
export const isClaimed = (record: AvatarRecord): record is ClaimedRecord =>
  record.status === 'submitting' && record.request !== undefined && record.attempt !== undefined;

const dueAfter = (next: Status, record: AvatarRecord, { now }: Change): { dueAt?: string } => {
  // A queued request keeps its place in line: its turn is counted from when it was accepted.
  if (next === 'queued') return { dueAt: record.createdAt };
  if (next === 'generating') return { dueAt: instantOf(now + FIRST_LOOK_MS) };
  return {};
};

type Moved = Partial<Pick<AvatarRecord, 'dueAt' | 'attempts' | 'charged' | 'photoId' | 'error'>> & {
  readonly note?: string;
};

const moved = (record: AvatarRecord, at: Change, next: Status, { note, ...fields }: Moved): AvatarRecord => {
  // What belonged to the state that is left: whoever moves the record says anew what holds in the next one.
  const { attempt: _attempt, dueAt: _dueAt, error: _error, ...rest } = record;
  const entry = { status: next, at: instantOf(at.now), by: at.by, ...(note === undefined ? {} : { note }) };
  return {
    ...rest,
    ...fields,
    status: next,
    version: record.version + 1,
    updatedAt: instantOf(at.now),
    history: shortened([...record.history, entry]),
  };
};

const movedRequest = (
  record: SubmittableRecord,
  ...change: [at: Change, next: Status, fields: Moved]
): SubmittableRecord => ({ ...moved(record, ...change), request: record.request });

const shortened = (history: AvatarRecord['history']): AvatarRecord['history'] =>
  history.length <= HISTORY_HEAD + HISTORY_TAIL
    ? history
    : [...history.slice(0, HISTORY_HEAD), ...history.slice(-HISTORY_TAIL)];
