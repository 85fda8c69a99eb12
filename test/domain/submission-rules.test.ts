import { describe, expect, it } from 'vitest';
import { nextState } from '../../lambda/domain/outcome.ts';
import {
  type AvatarRecord,
  instantOf,
  isQueued,
  mayBeSubmittedAgain,
  type SubmittableRecord,
} from '../../lambda/domain/record/record.ts';
import { requestHash } from '../../lambda/domain/request/identity.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  claimed,
  claimReleased,
  leaseExpired,
  rejectedByGate,
  requeued,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const at = (seconds: number) => ({ now: T0 + seconds * 1_000, by: `invocation-${seconds}` });
const instant = (seconds: number) => instantOf(T0 + seconds * 1_000);

const FRESH = { id: 'id-1', source: 'http', caller: 'someone', request: AVATAR } as const;
const claim = (seconds: number) => ({
  ...at(seconds),
  attemptId: `attempt-${seconds}`,
  leaseUntil: T0 + 34_000,
});
const FAILURE = { code: 'paused', message: 'Paused.', advice: 'Wait.' } as const;

const ACCEPTED = nextState({ kind: 'accepted', photoId: 'photo-1' }, 'sync');
const IN_DOUBT = nextState({ kind: 'no_answer', cause: 'ECONNRESET' }, 'sync');
const RATE_LIMITED = nextState({ kind: 'rate_limited', retryAfterSeconds: 9 }, 'sync');

const submittable = (record: AvatarRecord): SubmittableRecord => {
  if (!isQueued(record) && !mayBeSubmittedAgain(record))
    throw new Error(`A ${record.status} record cannot be submitted.`);
  return record;
};
const queued = (seconds = 0) => submittable(acceptedAsQueued(FRESH, at(seconds)));
const rejected = () => submittable(rejectedByGate(acceptedAsClaimed(FRESH, claim(0)), FAILURE, at(1)));

const statusesOf = ({ history }: AvatarRecord) => history.map(({ status }) => status);

describe('a record', () => {
  it('that is queued has the whole request, and is due at once', () => {
    expect(acceptedAsQueued({ ...FRESH, request: FULL_AVATAR }, at(0))).toEqual({
      ...FRESH,
      request: FULL_AVATAR,
      requestHash: requestHash(FULL_AVATAR),
      version: 1,
      status: 'queued',
      createdAt: instant(0),
      updatedAt: instant(0),
      attempts: 0,
      charged: 'no',
      open: 'queued',
      dueAt: instant(0),
      history: [{ status: 'queued', at: instant(0), by: 'invocation-0', version: 1 }],
    });
  });

  it('that is accepted and claimed in one write counts as possibly charged', () => {
    expect(acceptedAsClaimed(FRESH, claim(0))).toMatchObject({
      version: 1,
      status: 'submitting',
      attempts: 1,
      charged: 'unknown',
      attempt: { id: 'attempt-0', startedAt: instant(0), leaseUntil: instant(34) },
    });
  });

  it('that is submitting is due when its lease expires', () => {
    const due = { open: 'submitting', dueAt: instant(34) };
    expect(acceptedAsClaimed(FRESH, claim(0))).toMatchObject(due);
    expect(claimed(queued(), claim(5))).toMatchObject(due);
  });

  it('that JoggAI accepted is charged, has its photo_id and is polled ten seconds later', () => {
    const record = withOutcome(acceptedAsClaimed(FRESH, claim(0)), ACCEPTED, at(3));
    expect(record).toMatchObject({
      version: 2,
      status: 'generating',
      charged: 'yes',
      photoId: 'photo-1',
      attempts: 1,
      updatedAt: instant(3),
      createdAt: instant(0),
      generatingSince: instant(3),
      open: 'generating',
      dueAt: instant(13),
    });
    expect(record.attempt).toBeUndefined();
    expect(record.error).toBeUndefined();
  });

  it('with an unknown outcome is in doubt, and is to be published', () => {
    const record = withOutcome(acceptedAsClaimed(FRESH, claim(0)), IN_DOUBT, at(3));
    expect(record).toMatchObject({ status: 'in_doubt', charged: 'unknown', error: { code: 'no_answer' } });
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(3) });
    expect(record).not.toHaveProperty('attempt');
  });

  it('that is requeued keeps its place in line, and records the reason', () => {
    const first = acceptedAsClaimed(FRESH, claim(5));
    expect(withOutcome(first, RATE_LIMITED, at(8))).toMatchObject({
      status: 'queued',
      charged: 'no',
      attempts: 1,
      dueAt: instant(5),
      error: { code: 'rate_limited' },
    });
    const released = claimReleased(first, at(8), 'rate_limited');
    expect(released).toMatchObject({ status: 'queued', charged: 'no', attempts: 0, dueAt: instant(5) });
    expect(released.history.at(-1)).toEqual({
      status: 'queued',
      at: instant(8),
      by: 'invocation-8',
      version: 2,
      note: 'rate_limited',
    });
  });

  it('that the gate rejected was not submitted', () => {
    const record = rejectedByGate(acceptedAsClaimed(FRESH, claim(0)), FAILURE, at(1));
    expect(record).toMatchObject({ status: 'rejected', charged: 'no', attempts: 0, error: FAILURE });
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(1) });
  });

  it('that is claimed again loses its error, and keeps its history', () => {
    const again = claimed(rejected(), claim(9));
    expect(again).toMatchObject({ version: 3, status: 'submitting', attempts: 1, createdAt: instant(0) });
    expect(again).not.toHaveProperty('error');
    expect(statusesOf(again)).toEqual(['submitting', 'rejected', 'submitting']);
  });

  it('that is queued again goes to the end of the line', () => {
    expect(requeued(rejected(), at(9))).toMatchObject({
      status: 'queued',
      dueAt: instant(9),
      charged: 'no',
    });
  });

  it('whose lease expired is in doubt', () => {
    const record = leaseExpired(acceptedAsClaimed(FRESH, claim(0)), at(60));
    expect(record).toMatchObject({
      status: 'in_doubt',
      charged: 'unknown',
      error: { code: 'no_outcome_recorded' },
    });
    expect(record).not.toHaveProperty('attempt');
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(60) });
  });

  it('has the next version after every change', () => {
    const first = acceptedAsClaimed(FRESH, claim(0));
    const versions = [
      claimReleased(first, at(1), 'rate_limited'),
      rejectedByGate(first, FAILURE, at(1)),
      leaseExpired(first, at(1)),
    ];
    expect(versions.map(({ version }) => version)).toEqual([2, 2, 2]);
  });
});

describe('the record of an invalid event', () => {
  const invalid = {
    id: 'id-1',
    source: 'queue',
    caller: 'someone',
    errors: [{ field: 'age', message: 'is required' }],
  } as const;

  it('is rejected permanently, and keeps the event and its errors', () => {
    const record = acceptedAsInvalid({ ...invalid, body: '{"age":1}' }, at(0));
    expect(record).toMatchObject({
      status: 'rejected',
      charged: 'no',
      invalid: { body: '{"age":1}', errors: invalid.errors },
      error: { code: 'invalid_request' },
    });
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(0) });
    expect(mayBeSubmittedAgain(record)).toBe(false);
  });

  it('keeps so much of a huge event that it fits a DynamoDB item', () => {
    const errors = Array.from({ length: 10_000 }, (_, index) => ({
      field: `f${index}`,
      message: 'is unknown',
    }));
    const record = acceptedAsInvalid({ ...invalid, errors, body: 'x'.repeat(1_000_000) }, at(0));
    expect(JSON.stringify(record).length).toBeLessThan(100_000);
  });
});
