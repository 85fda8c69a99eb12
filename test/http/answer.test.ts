import { describe, expect, it } from 'vitest';
import { nextState, type Outcome } from '../../lambda/domain/outcome.ts';
import {
  acceptedAsClaimed,
  acceptedAsQueued,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { answerOf } from '../../lambda/http/answer.ts';
import { createViewOf } from '../../lambda/views/record-view.ts';
import { AVATAR } from '../support/requests.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const SECRET = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:key';
const FRESH = { id: 'id-1', source: 'http', caller: 'someone', request: AVATAR } as const;
const at = { now: NOW, by: 'invocation' };
const claimed = acceptedAsClaimed(FRESH, { ...at, attemptId: 'attempt', leaseUntil: NOW });
const recorded = (outcome: Outcome) => ({
  record: withOutcome(claimed, nextState(outcome, 'sync'), at),
  outcome,
});
const read = (submission: Parameters<typeof answerOf>[0]) => {
  const { statusCode, headers, body } = answerOf(submission, {
    now: NOW,
    secretId: SECRET,
    viewOf: createViewOf('pictures'),
  });
  return { statusCode, headers, body: JSON.parse(body) };
};

describe('an outcome that could not be recorded', () => {
  // The ledger does not hold this outcome: the response is its only copy.
  it('returns 500 with the complete record, including the photo_id from JoggAI', () => {
    const answer = read({ kind: 'unrecorded', ...recorded({ kind: 'accepted', photoId: 'photo-1' }) });
    expect(answer).toMatchObject({
      statusCode: 500,
      body: { type: 'urn:photo-avatars:problem:not-recorded', record: { id: 'id-1', photo_id: 'photo-1' } },
    });
  });
});

describe('Retry-After', () => {
  const queued = acceptedAsQueued(FRESH, at);
  const retryAfter = (until: number) =>
    read({ kind: 'queued', record: queued, rejection: { kind: 'rate_limited', until } }).headers[
      'retry-after'
    ];

  it('is given in whole seconds, rounded up', () => {
    expect(retryAfter(NOW + 1_001)).toBe('2');
    expect(retryAfter(NOW + 60_000)).toBe('60');
  });

  it('is at least one second, even if the time has passed', () => {
    expect(retryAfter(NOW)).toBe('1');
    expect(retryAfter(NOW - 5_000)).toBe('1');
  });

  it('is omitted if the waiting time is unknown', () => {
    expect(read({ kind: 'queued', record: queued }).headers).not.toHaveProperty('retry-after');
    const paused = { kind: 'paused', since: NOW, by: 'operator' } as const;
    const { record } = recorded({ kind: 'refused', reason: 'no_permission', code: 18025, message: '' });
    expect(read({ kind: 'rejected_by_gate', record, rejection: paused }).headers).not.toHaveProperty(
      'retry-after',
    );
  });
});

describe('a missing key', () => {
  it.each([[{ kind: 'unset' }], [{ kind: 'malformed', problem: 'has spaces' }]] as const)(
    '(%j) returns 503 with the command that sets it',
    (state) => {
      const { statusCode, body } = read({ kind: 'no_api_key', state });
      expect(statusCode).toBe(503);
      expect(body.detail).toContain(`aws secretsmanager put-secret-value --secret-id ${SECRET}`);
    },
  );

  it('that cannot be read returns the cause', () => {
    const { body } = read({ kind: 'no_api_key', state: { kind: 'unreadable', problem: 'AccessDenied' } });
    expect(body.detail).toContain('AccessDenied');
  });
});
