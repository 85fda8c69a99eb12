import { describe, expect, it } from 'vitest';
import { requestHash } from '../../lambda/domain/identity.ts';
import { judge } from '../../lambda/domain/outcome.ts';
import {
  type AvatarRecord,
  avatarRecord,
  instantOf,
  isClaimed,
  isQueued,
  mayBeSubmittedAgain,
  STATUSES,
  type SubmittableRecord,
} from '../../lambda/domain/record.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  claimed,
  lost,
  queuedAgain,
  settled,
  turnedBack,
  unclaimed,
} from '../../lambda/domain/submitting.ts';
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

const ACCEPTED = judge({ kind: 'accepted', photoId: 'photo-1' }, 'now');
const IN_DOUBT = judge({ kind: 'no_answer', cause: 'ECONNRESET' }, 'now');
const RATE_LIMITED = judge({ kind: 'rate_limited', retryAfterSeconds: 9 }, 'now');

const submittable = (record: AvatarRecord): SubmittableRecord => {
  if (!isQueued(record) && !mayBeSubmittedAgain(record)) throw new Error(`${record.status} is an end.`);
  return record;
};
const queued = (seconds = 0) => submittable(acceptedAsQueued(FRESH, at(seconds)));
const rejected = () => submittable(turnedBack(acceptedAsClaimed(FRESH, claim(0)), FAILURE, at(1)));

const statusesOf = ({ history }: AvatarRecord) => history.map(({ status }) => status);

describe('a record', () => {
  it('that is queued has everything that was asked, and is due at once', () => {
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
      history: [{ status: 'queued', at: instant(0), by: 'invocation-0' }],
    });
  });

  it('that is accepted and claimed in one write counts as perhaps paid for from then on', () => {
    expect(acceptedAsClaimed(FRESH, claim(0))).toMatchObject({
      version: 1,
      status: 'submitting',
      attempts: 1,
      charged: 'unknown',
      attempt: { id: 'attempt-0', startedAt: instant(0), leaseUntil: instant(34) },
    });
  });

  it('in submission is due when its lease is over', () => {
    const due = { open: 'submitting', dueAt: instant(34) };
    expect(acceptedAsClaimed(FRESH, claim(0))).toMatchObject(due);
    expect(claimed(queued(), claim(5))).toMatchObject(due);
  });

  it('that JoggAI took is paid for, has its photo_id and is looked at ten seconds later', () => {
    const record = settled(acceptedAsClaimed(FRESH, claim(0)), ACCEPTED, at(3));
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

  it('whose outcome nobody knows is in doubt, and is to be announced', () => {
    const record = settled(acceptedAsClaimed(FRESH, claim(0)), IN_DOUBT, at(3));
    expect(record).toMatchObject({ status: 'in_doubt', charged: 'unknown', error: { code: 'no_answer' } });
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(3) });
    expect(record).not.toHaveProperty('attempt');
  });

  it('that goes back to the queue keeps its place in line and says why', () => {
    const first = acceptedAsClaimed(FRESH, claim(5));
    expect(settled(first, RATE_LIMITED, at(8))).toMatchObject({
      status: 'queued',
      charged: 'no',
      attempts: 1,
      dueAt: instant(5),
      error: { code: 'rate_limited' },
    });
    const put = unclaimed(first, at(8), 'full');
    expect(put).toMatchObject({ status: 'queued', charged: 'no', attempts: 0, dueAt: instant(5) });
    expect(put.history.at(-1)).toEqual({
      status: 'queued',
      at: instant(8),
      by: 'invocation-8',
      note: 'full',
    });
  });

  it('that is turned back was not submitted', () => {
    const record = turnedBack(acceptedAsClaimed(FRESH, claim(0)), FAILURE, at(1));
    expect(record).toMatchObject({ status: 'rejected', charged: 'no', attempts: 0, error: FAILURE });
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(1) });
  });

  it('that is claimed again loses the error of before and keeps its history', () => {
    const again = claimed(rejected(), claim(9));
    expect(again).toMatchObject({ version: 3, status: 'submitting', attempts: 1, createdAt: instant(0) });
    expect(again).not.toHaveProperty('error');
    expect(statusesOf(again)).toEqual(['submitting', 'rejected', 'submitting']);
  });

  it('that is queued again goes to the end of the line', () => {
    expect(queuedAgain(rejected(), at(9))).toMatchObject({
      status: 'queued',
      dueAt: instant(9),
      charged: 'no',
    });
  });

  it('whose holder is gone is in doubt', () => {
    const record = lost(acceptedAsClaimed(FRESH, claim(0)), at(60));
    expect(record).toMatchObject({
      status: 'in_doubt',
      charged: 'unknown',
      error: { code: 'no_outcome_recorded' },
    });
    expect(record).not.toHaveProperty('attempt');
    expect(record).toMatchObject({ open: 'announcing', dueAt: instant(60) });
  });

  it('may be submitted again under its key only while it is rejected', () => {
    const base = queued();
    const allowed = STATUSES.filter((status) => mayBeSubmittedAgain({ ...base, status }));
    expect(allowed).toEqual(['rejected']);
  });

  it("is in somebody's hands only while it is submitting and has an attempt", () => {
    const record = acceptedAsClaimed(FRESH, claim(0));
    expect(isClaimed(record)).toBe(true);
    expect(isClaimed(settled(record, ACCEPTED, at(1)))).toBe(false);
    expect(isClaimed({ ...acceptedAsQueued(FRESH, at(0)), status: 'submitting' })).toBe(false);
  });

  it('is one version newer after every change', () => {
    const first = acceptedAsClaimed(FRESH, claim(0));
    const versions = [unclaimed(first, at(1), 'full'), turnedBack(first, FAILURE, at(1)), lost(first, at(1))];
    expect(versions.map(({ version }) => version)).toEqual([2, 2, 2]);
  });

  it('of every state is one that the ledger can read', () => {
    const first = acceptedAsClaimed(FRESH, claim(0));
    const states = [
      acceptedAsInvalid({ ...FRESH, body: 'x', errors: [{ field: 'age', message: 'is required' }] }, at(0)),
      first,
      acceptedAsQueued(FRESH, at(0)),
      settled(first, ACCEPTED, at(1)),
      settled(first, IN_DOUBT, at(1)),
      unclaimed(first, at(1), 'full'),
      turnedBack(first, FAILURE, at(1)),
      lost(first, at(1)),
    ];
    for (const state of states) expect(avatarRecord.parse(state)).toEqual(state);
  });
});

describe('the record of an event that is no valid request', () => {
  const invalid = {
    id: 'id-1',
    source: 'queue',
    caller: 'someone',
    errors: [{ field: 'age', message: 'is required' }],
  } as const;

  it('is rejected for good, and holds what came in and what is wrong with it', () => {
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

  it('keeps so much of a huge event that it still fits an item', () => {
    const errors = Array.from({ length: 10_000 }, (_, index) => ({
      field: `f${index}`,
      message: 'is unknown',
    }));
    const record = acceptedAsInvalid({ ...invalid, errors, body: 'x'.repeat(1_000_000) }, at(0));
    expect(JSON.stringify(record).length).toBeLessThan(100_000);
  });
});

describe('a long history', () => {
  it('keeps its first 10 and its last 40 entries, so that the item stays small', () => {
    let record = queued();
    for (let second = 1; second < 200; second += 1) record = submittable(queuedAgain(record, at(second)));
    expect(record.version).toBe(200);
    expect(record.history.map((entry) => entry.at)).toEqual([
      ...Array.from({ length: 10 }, (_, index) => instant(index)),
      ...Array.from({ length: 40 }, (_, index) => instant(160 + index)),
    ]);
  });

  it('is whole up to 50 entries', () => {
    let record = queued();
    for (let second = 1; second < 50; second += 1) record = submittable(queuedAgain(record, at(second)));
    expect(record.history).toHaveLength(50);
    expect(new Set(record.history.map((entry) => entry.at)).size).toBe(50);
  });
});
