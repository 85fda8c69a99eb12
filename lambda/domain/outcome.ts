/** Why JoggAI turned a request away before any work was done. */
export type Refusal = 'insufficient_credit' | 'no_permission' | 'invalid_key' | 'invalid_parameters';

/** What became of one paid POST. Every kind says by itself whether it may have been charged. */
export type Outcome =
  /** Taken and paid for. */
  | { readonly kind: 'accepted'; readonly photoId: string }
  /** Code 429 or HTTP 429: turned away before any work. `retryAfterSeconds` as JoggAI says, or 60. */
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly code: number; readonly message: string }
  /** A readable answer with code 50000 or one that nobody documented: perhaps paid for. */
  | { readonly kind: 'failed'; readonly code: number; readonly message: string }
  /** HTTP 4xx without a readable body: something in front of JoggAI turned it away. */
  | { readonly kind: 'turned_away'; readonly httpStatus: number }
  /** Nothing left this machine: no address, refused, TLS, or no connection in time. */
  | { readonly kind: 'not_sent'; readonly cause: string }
  /** Sent, and no answer that can be read came back: perhaps paid for. */
  | { readonly kind: 'no_answer'; readonly cause: string };

export type Charged = 'yes' | 'no' | 'unknown';

/** The stable names of what can be wrong with a request that was recorded. */
export const FAILURE_CODES = [
  'invalid_request',
  'insufficient_credit',
  'no_permission',
  'invalid_key',
  'invalid_parameters',
  'paused',
  'daily_limit',
  'rate_limited',
  'not_sent',
  'joggai_error',
  'turned_away',
  'no_answer',
  'no_outcome_recorded',
  'generation_failed',
  'generation_timeout',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** What went wrong, for a person. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** JoggAI's own code and words, where it gave any. */
  readonly joggai?: { readonly code: number; readonly message: string } | undefined;
}

/** Whether the one who asked waits for the answer now (`now`) or left the request to us (`later`). */
export type Patience = 'now' | 'later';

export interface Verdict {
  readonly status: 'generating' | 'queued' | 'rejected' | 'failed' | 'in_doubt';
  readonly charged: Charged;
  readonly photoId?: string;
  readonly error?: Failure;
}

/**
 * What an outcome means for the request. Only what was certainly not charged is ever `queued` or `rejected`,
 * the two states from which a request may be submitted again.
 */
export const judge = (outcome: Outcome, patience: Patience): Verdict => {
  switch (outcome.kind) {
    case 'accepted':
      return { status: 'generating', charged: 'yes', photoId: outcome.photoId };
    case 'rate_limited':
    case 'not_sent':
      return { status: 'queued', charged: 'no', error: failureOf(outcome) };
    case 'refused': {
      const mayWait = patience === 'later' && outcome.reason !== 'invalid_parameters';
      return { status: mayWait ? 'queued' : 'rejected', charged: 'no', error: failureOf(outcome) };
    }
    case 'failed':
      return { status: 'failed', charged: 'unknown', error: failureOf(outcome) };
    case 'turned_away':
      return { status: 'failed', charged: 'no', error: failureOf(outcome) };
    case 'no_answer':
      return { status: 'in_doubt', charged: 'unknown', error: failureOf(outcome) };
    default:
      return outcome satisfies never;
  }
};

const failureOf = (outcome: Exclude<Outcome, { kind: 'accepted' }>): Failure => {
  switch (outcome.kind) {
    case 'rate_limited':
      return {
        code: 'rate_limited',
        message: `JoggAI takes no more requests for ${outcome.retryAfterSeconds} s.`,
        advice: 'Nothing to do: the request waits and is submitted when JoggAI takes it. It was not charged.',
      };
    case 'not_sent':
      return {
        code: 'not_sent',
        message: `JoggAI could not be reached (${outcome.cause}). Nothing was sent.`,
        advice:
          'Nothing to do: the request waits and is submitted when JoggAI can be reached. It was not charged.',
      };
    case 'refused': {
      const { code, message } = outcome;
      return { ...REFUSALS[outcome.reason], code: outcome.reason, joggai: { code, message } };
    }
    case 'failed':
      return {
        code: 'joggai_error',
        message: `JoggAI answered with code ${outcome.code}, which does not say whether it charged.`,
        advice:
          'Look in the JoggAI dashboard for the photo and the charge before you ask again under a new key.',
        joggai: { code: outcome.code, message: outcome.message },
      };
    case 'turned_away':
      return {
        code: 'turned_away',
        message: `The request was turned away with HTTP ${outcome.httpStatus} and no answer from JoggAI in it.`,
        advice: 'Check JOGGAI_BASE_URL and what stands between this account and JoggAI. It was not charged.',
      };
    case 'no_answer':
      return {
        code: 'no_answer',
        message: `The request was sent, and no readable answer came back (${outcome.cause}).`,
        advice:
          'It may have been charged. Look in the JoggAI dashboard for the photo and the charge; it is never sent again by itself.',
      };
    default:
      return outcome satisfies never;
  }
};

/** What a refusal tells people; also said to those who ask while the account is known to be blocked. */
export const REFUSALS: Record<Refusal, { readonly message: string; readonly advice: string }> = {
  insufficient_credit: {
    message: 'The JoggAI account has no credit left for this call. Nothing was charged.',
    advice: 'Top the account up at JoggAI, then ask again; the same Idempotency-Key may be used.',
  },
  no_permission: {
    message: 'The JoggAI account has no permission to call the API. Nothing was charged.',
    advice: 'Check the plan of the JoggAI account, then ask again; the same Idempotency-Key may be used.',
  },
  invalid_key: {
    message: 'JoggAI does not accept the API key in the secret. Nothing was charged.',
    advice: 'Put a valid key into the secret, then ask again; the same Idempotency-Key may be used.',
  },
  invalid_parameters: {
    message: 'JoggAI calls the parameters of the request wrong. Nothing was charged.',
    advice: 'Change the request; often image_url cannot be downloaded.',
  },
};
