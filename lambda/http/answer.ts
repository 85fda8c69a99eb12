import type { Rejection } from '../domain/gate/gate-rules.ts';
import type { FailureCode } from '../domain/outcome.ts';
import type { AvatarRecord } from '../domain/record/record.ts';
import type { Submission } from '../domain/submission/submit.ts';
import { missingKey } from '../views/missing-key.ts';
import type { ViewOf } from '../views/record-view.ts';
import type { RecordView } from '../views/schemas.ts';
import { type HttpResponse, json, type ProblemName, problemResponse } from './problem.ts';

/** The problem that a waiting caller gets for a recorded failure. */
const PROBLEM_OF: Record<FailureCode, ProblemName> = {
  invalid_request: 'invalid-request',
  insufficient_credit: 'insufficient-credit',
  no_permission: 'no-permission',
  invalid_key: 'invalid-api-key',
  invalid_parameters: 'rejected-by-joggai',
  paused: 'paused',
  daily_limit_reached: 'daily-limit-reached',
  caller_limit_reached: 'caller-limit-reached',
  joggai_error: 'joggai-error',
  http_rejected: 'joggai-error',
  claim_not_confirmed: 'unavailable',
  no_answer: 'in-doubt',
  no_outcome_recorded: 'in-doubt',
  generation_failed: 'joggai-error',
  generation_timeout: 'joggai-error',
  // Unused: such a request is queued and answered with 202, or cancelled and replayed with 200.
  rate_limited: 'unavailable',
  not_sent: 'unavailable',
  cancelled: 'not-cancellable',
};

export interface AnswerOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Shown to people who must put a key into it. */
  readonly secretId: string;
  readonly viewOf: ViewOf;
}

/** The response to `POST /photo-avatars`. */
export const answerOf = (submission: Submission, { now, secretId, viewOf }: AnswerOptions): HttpResponse => {
  switch (submission.kind) {
    case 'queued':
      return recordAnswer(202, viewOf(submission.record), retryAfter(submission.rejection, now));
    case 'replayed':
      return recordAnswer(200, viewOf(submission.record), { 'idempotency-replayed': 'true' });
    case 'submitted':
      return submittedAnswer(submission, viewOf);
    case 'rejected_by_gate':
      return failureAnswer(submission.record, viewOf, retryAfter(submission.rejection, now));
    case 'unrecorded':
      return problemResponse(
        'not-recorded',
        'JoggAI was called and may have charged. The outcome could not be written to the ledger, which will show this ' +
          'request as in doubt. Keep this response: it contains the outcome. Do not send the request under another key.',
        { record: viewOf(submission.record) },
      );
    case 'key_reused':
      return problemResponse(
        'idempotency-key-reused',
        `This Idempotency-Key belongs to another request: photo avatar ${submission.record.id}. Nothing was charged ` +
          'for this one. Use a new key for a new request.',
      );
    case 'no_api_key':
      return problemResponse('api-key-missing', missingKey(submission.state, secretId));
    default:
      return submission satisfies never;
  }
};

const submittedAnswer = (
  { record, outcome }: Extract<Submission, { kind: 'submitted' }>,
  viewOf: ViewOf,
): HttpResponse => {
  if (record.status === 'generating') return recordAnswer(201, viewOf(record));
  if (record.status !== 'queued') return failureAnswer(record, viewOf);
  return recordAnswer(
    202,
    viewOf(record),
    outcome.kind === 'rate_limited' ? { 'retry-after': String(outcome.retryAfterSeconds) } : {},
  );
};

const locationOf = ({ id }: Pick<RecordView, 'id'>): string => `/photo-avatars/${id}`;

const recordAnswer = (
  statusCode: number,
  record: RecordView,
  headers: Record<string, string> = {},
): HttpResponse => json(statusCode, record, { location: locationOf(record), ...headers });

const failureAnswer = (
  record: AvatarRecord,
  viewOf: ViewOf,
  headers: Record<string, string> = {},
): HttpResponse => {
  const { error } = record;
  if (!error) throw new Error(`Record ${record.id} ended as ${record.status} without an error.`);
  return problemResponse(
    PROBLEM_OF[error.code],
    `${error.message} ${error.advice}`,
    { record: viewOf(record) },
    { location: locationOf(record), ...headers },
  );
};

/** Seconds to wait before a retry. Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
const retryAfter = (rejection: Rejection | undefined, now: number): Record<string, string> =>
  rejection === undefined || rejection.kind === 'paused'
    ? {}
    : { 'retry-after': String(Math.max(1, Math.ceil((rejection.until - now) / 1_000))) };
