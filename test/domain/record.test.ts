import { describe, expect, it } from 'vitest';
import { nextState } from '../../lambda/domain/outcome.ts';
import {
  avatarRecord,
  instantOf,
  isClaimed,
  mayBeSubmittedAgain,
  STATUSES,
} from '../../lambda/domain/record/record.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  claimReleased,
  leaseExpired,
  rejectedByGate,
  requeued,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { AVATAR } from '../support/requests.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const at = (seconds: number) => ({ now: T0 + seconds * 1_000, by: 'invocation' });
const instant = (seconds: number) => instantOf(T0 + seconds * 1_000);

const FRESH = { id: 'id-1', source: 'http', caller: 'someone', request: AVATAR } as const;
const FAILURE = { code: 'paused', message: 'Paused.', advice: 'Wait.' } as const;
const ACCEPTED = nextState({ kind: 'accepted', photoId: 'photo-1' }, 'sync');
const IN_DOUBT = nextState({ kind: 'no_answer', cause: 'ECONNRESET' }, 'sync');
const claim = (seconds: number) => ({ ...at(seconds), attemptId: 'attempt', leaseUntil: T0 + 34_000 });

describe('a record', () => {
  it('may be submitted again under its key only while it is rejected', () => {
    const base = acceptedAsQueued(FRESH, at(0));
    const allowed = STATUSES.filter((status) => mayBeSubmittedAgain({ ...base, status }));
    expect(allowed).toEqual(['rejected']);
  });

  it('is claimed only while it is submitting and has an attempt', () => {
    const record = acceptedAsClaimed(FRESH, claim(0));
    expect(isClaimed(record)).toBe(true);
    expect(isClaimed(withOutcome(record, ACCEPTED, at(1)))).toBe(false);
    expect(isClaimed({ ...acceptedAsQueued(FRESH, at(0)), status: 'submitting' })).toBe(false);
  });

  it('that the rules create can be read', () => {
    const first = acceptedAsClaimed(FRESH, claim(0));
    const states = [
      acceptedAsInvalid({ ...FRESH, body: 'x', errors: [{ field: 'age', message: 'is required' }] }, at(0)),
      first,
      acceptedAsQueued(FRESH, at(0)),
      withOutcome(first, ACCEPTED, at(1)),
      withOutcome(first, IN_DOUBT, at(1)),
      claimReleased(first, at(1), 'rate_limited'),
      rejectedByGate(first, FAILURE, at(1)),
      leaseExpired(first, at(1)),
    ];
    for (const state of states) expect(avatarRecord.parse(state)).toEqual(state);
  });

  it.each([
    ['daily_limit', 'daily_limit_reached'],
    ['turned_away', 'http_rejected'],
    ['paused', 'paused'],
  ])('stored with the failure code %s is read as %s', (storedCode, code) => {
    const record = rejectedByGate(acceptedAsClaimed(FRESH, claim(0)), FAILURE, at(1));
    const stored = { ...record, error: { ...FAILURE, code: storedCode } };
    expect(avatarRecord.parse(stored)).toEqual({ ...record, error: { ...FAILURE, code } });
  });

  it('with an unknown failure code cannot be read', () => {
    const record = rejectedByGate(acceptedAsClaimed(FRESH, claim(0)), FAILURE, at(1));
    const stored = { ...record, error: { ...FAILURE, code: 'unknown' } };
    expect(avatarRecord.safeParse(stored).success).toBe(false);
  });
});

describe('a long history', () => {
  it('keeps its first 10 and its last 40 entries, so that the item stays small', () => {
    let record = acceptedAsQueued(FRESH, at(0));
    for (let second = 1; second < 200; second += 1) record = requeued(record, at(second));
    expect(record.version).toBe(200);
    expect(record.history.map((entry) => entry.at)).toEqual([
      ...Array.from({ length: 10 }, (_, index) => instant(index)),
      ...Array.from({ length: 40 }, (_, index) => instant(160 + index)),
    ]);
  });

  it('is complete up to 50 entries', () => {
    let record = acceptedAsQueued(FRESH, at(0));
    for (let second = 1; second < 50; second += 1) record = requeued(record, at(second));
    expect(record.history).toHaveLength(50);
    expect(new Set(record.history.map((entry) => entry.at)).size).toBe(50);
  });
});
