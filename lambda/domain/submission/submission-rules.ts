import { DAY_MS } from '../gate/gate-rules.ts';
import { toBePolled } from '../generation/generation-rules.ts';
import { type Charged, type Failure, type Transition, worstCharge } from '../outcome.ts';
import {
  type AvatarRecord,
  type ClaimedRecord,
  instantOf,
  queuedSince,
  type Source,
  type SubmittableRecord,
} from '../record/record.ts';
import {
  type Change,
  changeRequestStatus,
  changeStatus,
  type NextStep,
  postponed,
  toBePublished,
  toBeSubmitted,
} from '../record/record-changes.ts';
import type { FieldError, PhotoAvatarRequest } from '../request/contract.ts';
import { hashOf, requestHash } from '../request/identity.ts';

export interface NewRecord {
  readonly id: string;
  readonly source: Source;
  readonly caller: string;
  readonly owner?: string | undefined;
  readonly request: PhotoAvatarRequest;
  readonly idempotencyKey?: string | undefined;
  readonly correlationId?: string | undefined;
}

export interface Claim extends Change {
  readonly attemptId: string;
  /** Milliseconds since the epoch. After it, the holder of the claim is certainly gone. */
  readonly leaseUntil: number;
}

const accepted = ({ request, ...fresh }: NewRecord, at: Change): SubmittableRecord => ({
  ...bare(fresh, requestHash(request), at),
  request,
});

const bare = (
  { id, source, caller, owner, idempotencyKey, correlationId }: Omit<NewRecord, 'request'>,
  hash: string,
  { now }: Change,
): AvatarRecord => ({
  id,
  ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  ...(correlationId === undefined ? {} : { correlationId }),
  version: 0,
  status: 'queued',
  source,
  caller,
  ...(owner === undefined ? {} : { owner }),
  requestHash: hash,
  createdAt: instantOf(now),
  updatedAt: instantOf(now),
  attempts: 0,
  charged: 'no',
  history: [],
});

/**
 * When requests that were received together arrived: one instant for each, in their order, because the line is sorted by
 * it. None is in the future, where it would not be due.
 */
export const arrivalTimes = (count: number, now: number): number[] =>
  Array.from({ length: count }, (_, index) => now - (count - 1 - index));

/** A new record that waits in the queue. */
export const acceptedAsQueued = (fresh: NewRecord, at: Change): SubmittableRecord =>
  changeRequestStatus(accepted(fresh, at), at, 'queued', { open: 'queued', dueAt: instantOf(at.now) });

export interface NewInvalidRecord extends Omit<NewRecord, 'request'> {
  /** The event as received. */
  readonly body: string;
  readonly errors: readonly FieldError[];
}

/** Characters of an invalid event's body that are kept: a DynamoDB item holds 400 kB. */
const MAX_INVALID_BODY = 64 * 1024;
const MAX_FIELD_ERRORS = 100;
const MAX_FIELD_NAME = 256;

/** The record of an event that is not a valid request. No caller waits for an answer, so the ledger keeps the errors. */
export const acceptedAsInvalid = ({ body, errors, ...fresh }: NewInvalidRecord, at: Change): AvatarRecord => {
  const record = {
    ...bare(fresh, hashOf(body), at),
    invalid: {
      body: body.slice(0, MAX_INVALID_BODY),
      errors: errors
        .slice(0, MAX_FIELD_ERRORS)
        .map(({ field, message }) => ({ field: field.slice(0, MAX_FIELD_NAME), message })),
    },
  };
  return changeStatus(record, at, 'rejected', {
    ...toBePublished(at),
    error: {
      code: 'invalid_request',
      message: 'The event is not a valid request. Nothing was charged.',
      advice: 'Correct the fields named under errors, and send a new event.',
    },
  });
};

/** A new record that is submitted at once: created and claimed in one write. */
export const acceptedAsClaimed = (fresh: NewRecord, claim: Claim): ClaimedRecord =>
  claimed(accepted(fresh, claim), claim);

/** The record, claimed by one attempt. JoggAI may be called only after this is written. */
export const claimed = (
  record: SubmittableRecord,
  { attemptId, leaseUntil, ...at }: Claim,
): ClaimedRecord => {
  const attempt = {
    id: attemptId,
    startedAt: instantOf(at.now),
    leaseUntil: instantOf(leaseUntil),
    ...(record.charged === 'no' ? {} : { chargedBefore: record.charged }),
  };
  const attempts = record.attempts + 1;
  return {
    ...changeRequestStatus(record, at, 'submitting', {
      open: 'submitting',
      dueAt: attempt.leaseUntil,
      attempts,
      charged: worstCharge(record.charged, 'unknown'),
    }),
    attempt,
  };
};

/** A record that was certainly not charged, queued again at the end of the line. */
export const requeued = (record: SubmittableRecord, at: Change): SubmittableRecord =>
  changeRequestStatus(record, at, 'queued', toBeSubmitted(at));

/** A minute holds a day's requests in about their order. */
const DAY_PER_MINUTE = 24 * 60;

/** A queued record that waits until that midnight, behind those that were queued before it. */
export const postponedTo = (midnight: number, record: SubmittableRecord, at: Change): SubmittableRecord => {
  const sinceStartOfDay = Math.max(0, Date.parse(queuedSince(record)) - (midnight - DAY_MS));
  const dueAt = instantOf(midnight + Math.floor(sinceStartOfDay / DAY_PER_MINUTE));
  return postponed(record, at, { open: 'queued', dueAt });
};

/** What all earlier attempts of a claimed record were charged, at worst. */
const chargedBefore = ({ attempt }: ClaimedRecord): Charged => attempt.chargedBefore ?? 'no';

/** The record with the outcome of its attempt. */
export const withOutcome = (record: ClaimedRecord, transition: Transition, at: Change): SubmittableRecord =>
  changeRequestStatus(record, at, transition.status, {
    charged: worstCharge(chargedBefore(record), transition.charged),
    ...(transition.photoId === undefined ? {} : { photoId: transition.photoId }),
    ...(transition.error === undefined
      ? {}
      : { error: withEarlierCharge(transition.error, chargedBefore(record)) }),
    ...nextStepAfter(transition.status, record, at),
    ...(transition.status === 'queued' && transition.toEnd ? { dueAt: instantOf(at.now) } : {}),
  });

/** A claimed record for which nothing was sent, queued again in its former place. */
export const claimReleased = (record: ClaimedRecord, at: Change, note: string): SubmittableRecord =>
  changeRequestStatus(record, at, 'queued', {
    attempts: record.attempts - 1,
    charged: chargedBefore(record),
    note,
    ...nextStepAfter('queued', record, at),
  });

/** A claimed record that the gate rejected while its caller waits. Nothing was sent. */
export const rejectedByGate = (record: ClaimedRecord, error: Failure, at: Change): SubmittableRecord =>
  changeRequestStatus(record, at, 'rejected', {
    ...toBePublished(at),
    attempts: record.attempts - 1,
    charged: chargedBefore(record),
    error: withEarlierCharge(error, chargedBefore(record)),
  });

/** A queued record that its caller took back. The history says who did. */
export const cancelled = (record: SubmittableRecord, by: string, at: Change): SubmittableRecord =>
  changeRequestStatus(record, at, 'cancelled', {
    ...toBePublished(at),
    note: `cancelled by ${by}`,
    error: withEarlierCharge(
      {
        code: 'cancelled',
        message: `The request was cancelled while it was queued.${record.charged === 'no' ? ' Nothing was charged.' : ''}`,
        advice: 'If it is needed after all, send it under a new key.',
      },
      record.charged,
    ),
  });

/**
 * A claimed record whose lease expired. Its holder is gone, and JoggAI may have been called.
 */
export const leaseExpired = (record: ClaimedRecord, at: Change): SubmittableRecord =>
  changeRequestStatus(record, at, 'in_doubt', {
    ...toBePublished(at),
    charged: worstCharge(chargedBefore(record), 'unknown'),
    error: {
      code: 'no_outcome_recorded',
      message:
        'The function that submitted this request ended before it recorded an outcome. It may have been charged.',
      advice:
        'Look for the photo and the charge in the JoggAI dashboard. The service does not send it again.',
    },
  });

/** The error of an attempt that was not charged must not hide that an earlier one may have been. */
const withEarlierCharge = (error: Failure, before: Charged): Failure => {
  if (before === 'no') return error;
  const was = before === 'yes' ? 'was' : 'may have been';
  return { ...error, message: `${error.message} An earlier attempt ${was} charged: see the history.` };
};

/** The next step for a record in this state. */
const nextStepAfter = (next: Transition['status'], record: AvatarRecord, at: Change): NextStep => {
  // A queued request keeps its place.
  if (next === 'queued') return { open: 'queued', dueAt: queuedSince(record) };
  return next === 'generating' ? toBePolled(at) : toBePublished(at);
};
