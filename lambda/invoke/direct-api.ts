import { readKeyedRequest } from '../domain/keyed-request.ts';
import type { FailureCode } from '../domain/outcome.ts';
import type { Invocation } from '../domain/paid-call.ts';
import type { Submission, Submitter } from '../domain/submission.ts';
import { missingKey } from '../http/missing-key.ts';
import { viewOf } from '../http/record-view.ts';
import type { RecordView } from '../http/schemas.ts';

/** The names of the errors that a direct caller can match, in the `Catch` of a Step Functions state for one. */
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
  | 'Paused'
  | 'DailyLimitReached';

/** What a direct invocation throws where the HTTP API answers with a problem. The message is for a person. */
export class RefusedInvocation extends Error {
  override readonly name: RefusalName;

  constructor(name: RefusalName, message: string) {
    super(message);
    this.name = name;
    // Lambda logs what is thrown, and where from says nothing here.
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
  daily_limit: 'DailyLimitReached',
  joggai_error: 'JoggAIFailed',
  turned_away: 'JoggAIFailed',
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

/** Answers whoever invokes the function itself: a request, with or without an `idempotency_key` beside its fields. */
export const createDirectApi =
  ({ submitter, secretId, onSubmission }: DirectApiPorts) =>
  /** @throws RefusedInvocation wherever the HTTP API would answer with a problem */
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
    case 'turned_back': {
      const { id, status, error } = submission.record;
      if (!error || status === 'queued') return viewOf(submission.record);
      throw new RefusedInvocation(NAME_OF[error.code], `${error.message} ${error.advice} Record: ${id}`);
    }
    case 'unrecorded':
      throw new RefusedInvocation(
        'NotRecorded',
        `JoggAI was called, and the outcome could not be written to the ledger. Record: ${submission.record.id}`,
      );
    case 'key_reused':
      throw new RefusedInvocation(
        'IdempotencyKeyReused',
        `Another request was made under this idempotency_key. Record: ${submission.record.id}`,
      );
    case 'no_api_key':
      throw new RefusedInvocation('MissingApiKey', missingKey(submission.state, secretId));
    default:
      return submission satisfies never;
  }
};
