import type { FailureCode } from '../domain/outcome.ts';
import type { Invocation } from '../domain/ports.ts';
import { readKeyedRequest } from '../domain/request/keyed-request.ts';
import type { Submission, Submitter } from '../domain/submission/submit.ts';
import { missingKey } from '../views/missing-key.ts';
import { viewOf } from '../views/record-view.ts';
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
  | 'Unavailable'
  | 'Paused'
  | 'DailyLimitReached';

/** Thrown by a direct invocation where the HTTP API answers with a problem. The message is for a person. */
export class RefusedInvocation extends Error {
  override readonly name: RefusalName;

  constructor(name: RefusalName, message: string) {
    super(message);
    this.name = name;
    // Lambda logs the stack, which is useless here.
    this.stack = `${name}: ${message}`;
  }
}

const NAME_OF: Record<FailureCode, RefusalName> = {
  invalid_request: 'InvalidRequest',
  invalid_parameters: 'RejectedByJoggAI',
  insufficient_credit: 'InsufficientCredit',
  no_permission: 'NoPermission',
  invalid_key: 'InvalidApiKey',
  paused: 'Paused',
  daily_limit_reached: 'DailyLimitReached',
  joggai_error: 'JoggAIFailed',
  http_rejected: 'JoggAIFailed',
  claim_not_confirmed: 'Unavailable',
  no_answer: 'InDoubt',
  no_outcome_recorded: 'InDoubt',
  generation_failed: 'JoggAIFailed',
  generation_timeout: 'JoggAIFailed',
  rate_limited: 'JoggAIFailed',
  not_sent: 'JoggAIFailed',
};

export interface DirectApiPorts {
  readonly submitter: Pick<Submitter, 'submit'>;
  readonly secretId: string;
  readonly onSubmission: (submission: Submission | { readonly kind: 'invalid' }) => void;
}

/** Answers direct invocations with a request, which may have an `idempotency_key` beside its fields. */
export const createDirectApi =
  ({ submitter, secretId, onSubmission }: DirectApiPorts) =>
  /** @throws RefusedInvocation where the HTTP API answers with a problem */
  async (event: unknown, invocation: Invocation): Promise<RecordView> => {
    const read = readKeyedRequest(event);
    if (read.kind === 'invalid') {
      onSubmission({ kind: 'invalid' });
      const errors = read.errors.map(({ field, message }) => `${field} ${message}`);
      throw new RefusedInvocation('InvalidRequest', `Nothing was recorded or charged. ${errors.join('; ')}`);
    }
    const submission = await submitter.submit(
      {
        source: 'invoke',
        caller: 'direct invocation',
        request: read.request,
        idempotency: read.key === undefined ? undefined : { namespace: 'invoke', key: read.key },
      },
      invocation,
    );
    onSubmission(submission);
    return resultOf(submission, secretId);
  };

const resultOf = (submission: Submission, secretId: string): RecordView => {
  switch (submission.kind) {
    case 'queued':
    case 'replayed':
      return viewOf(submission.record);
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
