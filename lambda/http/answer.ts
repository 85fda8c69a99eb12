import type { Closed } from '../domain/gate.ts';
import type { FailureCode } from '../domain/outcome.ts';
import type { AvatarRecord } from '../domain/record.ts';
import type { Submission } from '../domain/submission.ts';
import { missingKey } from './missing-key.ts';
import { type HttpResponse, json, type ProblemName, problemResponse } from './problem.ts';
import { viewOf } from './record-view.ts';

/** Which problem a recorded failure is to somebody who waits for the answer. */
const PROBLEM_OF: Record<FailureCode, ProblemName> = {
  invalid_request: 'invalid-request',
  insufficient_credit: 'insufficient-credit',
  no_permission: 'no-permission',
  invalid_key: 'invalid-api-key',
  invalid_parameters: 'rejected-by-joggai',
  paused: 'paused',
  daily_limit: 'daily-limit',
  joggai_error: 'joggai-error',
  turned_away: 'joggai-error',
  no_answer: 'in-doubt',
  no_outcome_recorded: 'in-doubt',
  generation_failed: 'joggai-error',
  generation_timeout: 'joggai-error',
  // These two are never an end: the request waits in line.
  rate_limited: 'unavailable',
  not_sent: 'unavailable',
};

/**
 * What the caller of `POST /photo-avatars` is told.
 *
 * @param now milliseconds since the epoch
 */
export const answerOf = (submission: Submission, now: number, secretId: string): HttpResponse => {
  switch (submission.kind) {
    case 'queued':
      return recordAnswer(202, submission.record, retryAfter(submission.why, now));
    case 'replayed':
      return recordAnswer(200, submission.record, { 'idempotency-replayed': 'true' });
    case 'submitted':
      return submittedAnswer(submission);
    case 'turned_back':
      return failureAnswer(submission.record, retryAfter(submission.why, now));
    case 'unrecorded':
      return problemResponse(
        'not-recorded',
        'JoggAI was called, and the outcome could not be written to the ledger, which will show this request as ' +
          'in doubt. Keep this answer: it holds what JoggAI said. Do not ask again under another key.',
        { record: viewOf(submission.record) },
      );
    case 'key_reused':
      return problemResponse(
        'idempotency-key-reused',
        `Another request was made under this Idempotency-Key: photo avatar ${submission.record.id}. ` +
          'Use a new key for a new request.',
      );
    case 'no_api_key':
      return problemResponse('api-key-missing', missingKey(submission.state, secretId));
    default:
      return submission satisfies never;
  }
};

const submittedAnswer = ({ record, outcome }: Extract<Submission, { kind: 'submitted' }>): HttpResponse => {
  if (record.status === 'generating') return recordAnswer(201, record);
  if (record.status !== 'queued') return failureAnswer(record);
  return recordAnswer(
    202,
    record,
    outcome.kind === 'rate_limited' ? { 'retry-after': String(outcome.retryAfterSeconds) } : {},
  );
};

export const locationOf = (record: AvatarRecord): string => `/photo-avatars/${record.id}`;

const recordAnswer = (
  statusCode: number,
  record: AvatarRecord,
  headers: Record<string, string> = {},
): HttpResponse => json(statusCode, viewOf(record), { location: locationOf(record), ...headers });

const failureAnswer = (record: AvatarRecord, headers: Record<string, string> = {}): HttpResponse => {
  const { error } = record;
  if (!error) throw new Error(`Record ${record.id} ended as ${record.status} without an error.`);
  return problemResponse(
    PROBLEM_OF[error.code],
    `${error.message} ${error.advice}`,
    { record: viewOf(record) },
    { location: locationOf(record), ...headers },
  );
};

/** Seconds after which asking again makes sense. Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
const retryAfter = (why: Closed | undefined, now: number): Record<string, string> =>
  why === undefined || why.kind === 'paused'
    ? {}
    : { 'retry-after': String(Math.max(1, Math.ceil((why.until - now) / 1_000))) };
