import type { FieldError, PhotoAvatarRequest } from './contract.ts';
import { nextLook } from './generation.ts';
import { hashOf, requestHash } from './identity.ts';
import type { Failure, Verdict } from './outcome.ts';
import {
  type AvatarRecord,
  type ClaimedRecord,
  instantOf,
  type Source,
  type SubmittableRecord,
} from './record.ts';
import { type Change, moved, movedRequest, type Todo, toBeAnnounced } from './transition.ts';

export interface NewRecord {
  readonly id: string;
  readonly source: Source;
  readonly caller: string;
  readonly request: PhotoAvatarRequest;
  readonly idempotencyKey?: string | undefined;
}

export interface Claim extends Change {
  readonly attemptId: string;
  /** Milliseconds since the epoch after which the holder is certainly gone. */
  readonly leaseUntil: number;
}

const accepted = ({ request, ...fresh }: NewRecord, at: Change): SubmittableRecord => ({
  ...bare(fresh, requestHash(request), at),
  request,
});

const bare = (
  { id, source, caller, idempotencyKey }: Omit<NewRecord, 'request'>,
  hash: string,
  { now }: Change,
): AvatarRecord => ({
  id,
  ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
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
  movedRequest(accepted(fresh, at), at, 'queued', { open: 'queued', dueAt: instantOf(at.now) });

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
    ...toBeAnnounced(at),
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
    ...movedRequest(record, at, 'submitting', {
      open: 'submitting',
      dueAt: attempt.leaseUntil,
      attempts,
      charged: 'unknown',
    }),
    attempt,
  };
};

/** A record that was certainly not charged, to be submitted again: at the end of the line. */
export const queuedAgain = (record: SubmittableRecord, at: Change): SubmittableRecord =>
  movedRequest(record, at, 'queued', { open: 'queued', dueAt: instantOf(at.now) });

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
  movedRequest(record, at, 'rejected', {
    ...toBeAnnounced(at),
    attempts: record.attempts - 1,
    charged: 'no',
    error,
  });

/**
 * A claimed record whose lease is over: whoever held it is gone, and nobody knows whether JoggAI was called.
 */
export const lost = (record: ClaimedRecord, at: Change): SubmittableRecord =>
  movedRequest(record, at, 'in_doubt', {
    ...toBeAnnounced(at),
    charged: 'unknown',
    error: {
      code: 'no_outcome_recorded',
      message: 'The function that submitted this request ended before it recorded an outcome.',
      advice:
        'It may have been charged. Look in the JoggAI dashboard for the photo and the charge; it is never sent again by itself.',
    },
  });

/** What is to be done next about a record in this state. */
const dueAfter = (next: Verdict['status'], record: AvatarRecord, at: Change): Todo => {
  // A queued request keeps its place in line: its turn is counted from when it was accepted.
  if (next === 'queued') return { open: 'queued', dueAt: record.createdAt };
  if (next === 'generating') {
    const since = instantOf(at.now);
    return { open: 'generating', generatingSince: since, dueAt: nextLook(since, at) };
  }
  return toBeAnnounced(at);
};
