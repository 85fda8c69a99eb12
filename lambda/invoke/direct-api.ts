import type { FailureCode } from '../domain/outcome.ts';
import type { Invocation } from '../domain/ports.ts';
import { REQUEST_FIELDS } from '../domain/request/contract.ts';
import {
  CORRELATION_ID_FIELD,
  IDEMPOTENCY_KEY_FIELD,
  readKeyedRequest,
} from '../domain/request/keyed-request.ts';
import type { Submission, Submitter } from '../domain/submission/submit.ts';
import { UnreadableItem } from '../domain/unreadable-item.ts';
import { ShownError } from '../shared/error-name.ts';
import { missingKey } from '../views/missing-key.ts';
import type { ViewOf } from '../views/record-view.ts';
import type { RecordView } from '../views/schemas.ts';

/** The error names that a direct caller can match, for example in the `Catch` of a Step Functions state. */
export type RefusalName =
  | 'InvalidRequest'
  | 'IdempotencyKeyReused'
  | 'InsufficientCredit'
  | 'NoPermission'
  | 'InvalidApiKey'
  | 'MissingApiKey'
  | 'RejectedByJoggAI'
  | 'JoggAIFailed'
  | 'InDoubt'
  | 'NotRecorded'
  | 'UnreadableItem'
  | 'Paused'
  | 'DailyLimitReached'
  | 'CallerLimitReached'
  | 'Cancelled'
  | 'Unavailable';

/** Thrown by a direct invocation where the HTTP API answers with a problem. The message is for a person. */
export class RefusedInvocation extends ShownError {
  constructor(name: RefusalName, message: string) {
    super(name, message);
  }
}

/** Thrown after an unhandled error, whose own message may repeat the request. */
export const unavailable = (): RefusedInvocation =>
  new RefusedInvocation(
    'Unavailable',
    'A service that this function depends on did not answer. If the request had an idempotency_key, send it again with the same key.',
  );

const NAME_OF: Record<FailureCode, RefusalName> = {
  invalid_request: 'InvalidRequest',
  invalid_parameters: 'RejectedByJoggAI',
  insufficient_credit: 'InsufficientCredit',
  no_permission: 'NoPermission',
  invalid_key: 'InvalidApiKey',
  paused: 'Paused',
  daily_limit_reached: 'DailyLimitReached',
  caller_limit_reached: 'CallerLimitReached',
  joggai_error: 'JoggAIFailed',
  http_rejected: 'JoggAIFailed',
  claim_not_confirmed: 'Unavailable',
  no_answer: 'InDoubt',
  no_outcome_recorded: 'InDoubt',
  generation_failed: 'JoggAIFailed',
  generation_timeout: 'JoggAIFailed',
  rate_limited: 'JoggAIFailed',
  not_sent: 'JoggAIFailed',
  cancelled: 'Cancelled',
};

export interface DirectApiPorts {
  readonly submitter: Pick<Submitter, 'submit'>;
  readonly secretId: string;
  readonly viewOf: ViewOf;
  readonly onSubmission: (submission: Submission | { readonly kind: 'invalid' }) => void;
}

/** Answers direct invocations with a request, which may have an `idempotency_key` and a `correlation_id` beside its fields. */
export const createDirectApi =
  ({ submitter, secretId, viewOf, onSubmission }: DirectApiPorts) =>
  /** @throws RefusedInvocation where the HTTP API answers with a problem */
  async (event: unknown, invocation: Invocation): Promise<RecordView> => {
    const read = readKeyedRequest(event);
    if (read.kind === 'invalid') {
      onSubmission({ kind: 'invalid' });
      const errors = new Set(read.errors.map(({ field, message }) => `${shownName(field)} ${message}`));
      throw new RefusedInvocation(
        'InvalidRequest',
        `Nothing was recorded or charged. ${[...errors].join('; ')}`,
      );
    }
    const submission = await submitter
      .submit(
        {
          source: 'invoke',
          caller: 'direct invocation',
          owner: 'invoke',
          request: read.request,
          idempotency: read.key === undefined ? undefined : { namespace: 'invoke', key: read.key },
          correlationId: read.correlationId ?? invocation.id,
        },
        invocation,
      )
      .catch((error: unknown) => {
        throw error instanceof UnreadableItem ? new RefusedInvocation(error.name, error.message) : error;
      });
    onSubmission(submission);
    return resultOf(submission, secretId, viewOf);
  };

const KNOWN_NAMES = new Set([...REQUEST_FIELDS, IDEMPOTENCY_KEY_FIELD, CORRELATION_ID_FIELD, 'body']);

/** Lambda logs the message, and the name of an unknown field is the caller's text. */
const shownName = (field: string): string => (KNOWN_NAMES.has(field) ? field : '(another field)');

const resultOf = (submission: Submission, secretId: string, viewOf: ViewOf): RecordView => {
  switch (submission.kind) {
    case 'queued':
      return viewOf(submission.record);
    // A replay ends as the first invocation did.
    case 'replayed':
    case 'submitted':
    case 'rejected_by_gate': {
      const { id, status, error } = submission.record;
      if (!error || status === 'queued') return viewOf(submission.record);
      throw new RefusedInvocation(NAME_OF[error.code], `${error.message} ${error.advice} Record: ${id}`);
    }
    case 'unrecorded':
      throw new RefusedInvocation(
        'NotRecorded',
        `JoggAI was called and may have charged. The outcome could not be written to the ledger. Record: ${submission.record.id}`,
      );
    case 'key_reused':
      throw new RefusedInvocation(
        'IdempotencyKeyReused',
        `This idempotency_key belongs to another request. Nothing was charged for this one. Record: ${submission.record.id}`,
      );
    case 'no_api_key':
      throw new RefusedInvocation('MissingApiKey', missingKey(submission.state, secretId));
    default:
      return submission satisfies never;
  }
};
