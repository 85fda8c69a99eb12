/** Why JoggAI refused a request before it did any work. */
export type Refusal = 'insufficient_credit' | 'no_permission' | 'invalid_key' | 'invalid_parameters';

/** Refusals that concern the account and not the single request. */
export const BLOCK_REASONS = [
  'insufficient_credit',
  'no_permission',
  'invalid_key',
] as const satisfies Refusal[];
export type BlockReason = (typeof BLOCK_REASONS)[number];

/** How one paid POST ended. Each kind says whether it may have been charged. */
export type Outcome =
  /** Accepted and paid for. */
  | { readonly kind: 'accepted'; readonly photoId: string }
  /** Code 429 or HTTP 429: refused before any work. `retryAfterSeconds` as JoggAI says, or 60. */
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly code: number; readonly message: string }
  /** A readable answer with code 50000 or an undocumented one: possibly paid for. */
  | { readonly kind: 'failed'; readonly code: number; readonly message: string }
  /** HTTP 4xx without a readable body: rejected by a proxy or firewall in front of JoggAI. */
  | { readonly kind: 'http_rejected'; readonly httpStatus: number }
  /** Nothing was sent: no address, connection refused, TLS failure, or no connection in time. */
  | { readonly kind: 'not_sent'; readonly cause: string }
  /** Sent, and no readable answer came back: possibly paid for. */
  | { readonly kind: 'no_answer'; readonly cause: string };

export const CHARGED = ['no', 'unknown', 'yes'] as const;
export type Charged = (typeof CHARGED)[number];

/** The worst of two attempts: `yes` before `unknown` before `no`. */
export const worstCharge = (a: Charged, b: Charged): Charged =>
  CHARGED.indexOf(a) > CHARGED.indexOf(b) ? a : b;

/** The stable names of the errors of a recorded request. */
export const FAILURE_CODES = [
  'invalid_request',
  'insufficient_credit',
  'no_permission',
  'invalid_key',
  'invalid_parameters',
  'paused',
  'daily_limit_reached',
  'caller_limit_reached',
  'rate_limited',
  'not_sent',
  'joggai_error',
  'http_rejected',
  'no_answer',
  'claim_not_confirmed',
  'no_outcome_recorded',
  'generation_failed',
  'generation_timeout',
  'cancelled',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** An error, for a person. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** JoggAI's own code and message, where it gave any. */
  readonly joggai?: { readonly code: number; readonly message: string } | undefined;
}

/** What an outcome says about JoggAI. `undefined`: nothing. */
export const healthOf = ({ kind }: Outcome | { readonly kind: 'unused' }): 'good' | 'bad' | undefined => {
  switch (kind) {
    case 'accepted':
    case 'refused':
      return 'good';
    case 'failed':
    case 'http_rejected':
    case 'no_answer':
      return 'bad';
    case 'rate_limited':
    case 'not_sent':
    case 'unused':
      return undefined;
    default:
      return kind satisfies never;
  }
};

/** Tries of one request that are rejected in front of JoggAI, while others pass, before the request is rejected. */
export const MAX_HTTP_REJECTIONS = 5;

/** `sync`: a caller waits for the outcome. `async`: the request may wait in the queue. */
export type SubmissionMode = 'sync' | 'async';

/** The state that follows a paid call. */
export interface Transition {
  readonly status: 'generating' | 'queued' | 'rejected' | 'failed' | 'in_doubt';
  readonly charged: Charged;
  readonly photoId?: string;
  readonly error?: Failure;
  /** A queued request that JoggAI turned down goes to the end of the line, so that it does not hold others up. */
  readonly toEnd?: boolean;
}

/**
 * The state of a request after an outcome. Only what was certainly not charged becomes `queued` or `rejected`, the two
 * states from which a request may be submitted again.
 *
 * @param httpRejections tries of this request that were rejected in front of JoggAI while others passed, this one included
 */
export const nextState = (outcome: Outcome, mode: SubmissionMode, httpRejections = 0): Transition => {
  switch (outcome.kind) {
    case 'accepted':
      return { status: 'generating', charged: 'yes', photoId: outcome.photoId };
    case 'rate_limited':
    case 'not_sent':
      return { status: 'queued', charged: 'no', error: failureOf(outcome) };
    case 'refused': {
      const mayWait = mode === 'async' && outcome.reason !== 'invalid_parameters';
      return {
        status: mayWait ? 'queued' : 'rejected',
        charged: 'no',
        error: failureOf(outcome),
        toEnd: true,
      };
    }
    case 'failed':
      return { status: 'failed', charged: 'unknown', error: failureOf(outcome) };
    case 'http_rejected': {
      const status = httpRejections >= MAX_HTTP_REJECTIONS ? 'rejected' : 'queued';
      return { status, charged: 'no', error: failureOf(outcome), toEnd: true };
    }
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
        message: `JoggAI's rate limit is reached for ${outcome.retryAfterSeconds} s. Nothing was charged.`,
        advice: 'No action needed: the request waits and is submitted when the limit allows it.',
      };
    case 'not_sent':
      return {
        code: 'not_sent',
        message: `JoggAI could not be reached (${outcome.cause}). Nothing was sent or charged.`,
        advice: 'No action needed: the request waits and is submitted when JoggAI can be reached.',
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
          'Look for the photo and the charge in the JoggAI dashboard before you send it again under a new key.',
        joggai: { code: outcome.code, message: outcome.message },
      };
    case 'http_rejected':
      return {
        code: 'http_rejected',
        message: `The request was rejected with HTTP ${outcome.httpStatus} before it reached JoggAI. Nothing was charged.`,
        advice: 'Check JOGGAI_BASE_URL and any proxy or firewall between this account and JoggAI.',
      };
    case 'no_answer':
      return {
        code: 'no_answer',
        message: `The request was sent, and no readable answer came back (${outcome.cause}). It may have been charged.`,
        advice:
          'Look for the photo and the charge in the JoggAI dashboard. The service does not send it again.',
      };
    default:
      return outcome satisfies never;
  }
};

/** What each refusal means to a person; also used while the account is known to be blocked. */
export const REFUSALS: Record<Refusal, { readonly message: string; readonly advice: string }> = {
  insufficient_credit: {
    message: 'The JoggAI account has no credit left for this call. Nothing was charged.',
    advice: 'Top up the JoggAI account, then send the request again; the same Idempotency-Key may be used.',
  },
  no_permission: {
    message: 'The JoggAI account has no permission to call the API. Nothing was charged.',
    advice:
      'Check the plan of the JoggAI account, then send the request again; the same Idempotency-Key may be used.',
  },
  invalid_key: {
    message: 'JoggAI does not accept the API key in the secret. Nothing was charged.',
    advice:
      'Put a valid key into the secret, then send the request again; the same Idempotency-Key may be used.',
  },
  invalid_parameters: {
    message: 'JoggAI rejected the parameters of the request. Nothing was charged.',
    advice: 'Correct the request. A common cause is an image_url that JoggAI cannot download.',
  },
};
