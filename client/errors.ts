import type { FieldError } from '../lambda/domain/request/contract.ts';
import type { ProblemName } from '../lambda/http/problem.ts';
import type { RecordView } from '../lambda/views/schemas.ts';

/** Whether a call was charged. `unknown`: it may have been. */
export type Charged = RecordView['charged'];

export interface ErrorDetails {
  /** What happened, whether it was charged, and what to do. */
  readonly message: string;
  /** The name of the API's problem. Absent if something else answered, or nothing did. */
  readonly type?: ProblemName | (string & {}) | undefined;
  /** The HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  /** Whether this call was charged; if it submits a request that has a record, the worst of all its attempts. */
  readonly charged: Charged;
  /** What to do. */
  readonly advice: string;
  /** Whether the same call, with the same key, may succeed soon. The client has repeated it already. */
  readonly isRepeatable: boolean;
  /** When the service expects to take it, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  /** The record of the request, if the answer contained it. */
  readonly record?: RecordView | undefined;
  /** What is wrong with each field of the request. */
  readonly fieldErrors?: readonly FieldError[] | undefined;
  /** The key of the call: the same request with the same key is never paid twice. */
  readonly idempotencyKey?: string | undefined;
  /** The id by which the service's logs find the last answer. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Every failure of the client. Test it with `isPhotoAvatarsError` and `isProblem`: `instanceof` fails where an
 * application has two copies of this package.
 */
export class PhotoAvatarsError extends Error implements ErrorDetails {
  override readonly name: string = 'PhotoAvatarsError';
  readonly type: ErrorDetails['type'];
  readonly status: number | undefined;
  readonly charged: Charged;
  readonly advice: string;
  readonly isRepeatable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly record: RecordView | undefined;
  readonly fieldErrors: readonly FieldError[];
  readonly idempotencyKey: string | undefined;
  readonly requestId: string | undefined;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.type = details.type;
    this.status = details.status;
    this.charged = details.charged;
    this.advice = details.advice;
    this.isRepeatable = details.isRepeatable;
    this.retryAfterMs = details.retryAfterMs;
    this.record = details.record;
    this.fieldErrors = details.fieldErrors ?? [];
    this.idempotencyKey = details.idempotencyKey;
    this.requestId = details.requestId;
  }
}

/** The caller's `AbortSignal` ended the call. The request, if it was sent, continues at the service. */
export class AbortError extends PhotoAvatarsError {
  override readonly name = 'AbortError';
}

/** A wait reached its time limit. The request continues at the service: wait again with its id. */
export class WaitTimeoutError extends PhotoAvatarsError {
  override readonly name = 'WaitTimeoutError';
}

/** Whether the client threw this error. */
export const isPhotoAvatarsError = (error: unknown): error is PhotoAvatarsError =>
  error instanceof Error && 'charged' in error && 'advice' in error && 'fieldErrors' in error;

/** Whether the API answered with this problem, such as `paused`. */
export const isProblem = <Name extends ProblemName>(
  error: unknown,
  name: Name,
): error is PhotoAvatarsError & { readonly type: Name; readonly status: number } =>
  isPhotoAvatarsError(error) && error.type === name;

/** Whether a wait reached its time limit. */
export const isWaitTimeout = (error: unknown): error is WaitTimeoutError =>
  isPhotoAvatarsError(error) && error.name === 'WaitTimeoutError';
