import {
  isPhotoAvatarsError,
  isWaitTimeout,
  type PhotoAvatarsError,
  type RecordView,
} from '../client/index.ts';

/** The exit codes of every command. `docs/cli.md` lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Nothing was sent. */
  usage: 2,
  inDoubt: 3,
  notAllowed: 4,
  refused: 5,
  pending: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error of one place in the input. */
export interface InputError {
  /** The option, or the column of a file. */
  readonly field: string;
  /** Line of a file, from 1. */
  readonly line?: number | undefined;
  readonly message: string;
}

/** Ends a command with an explanation for a person. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;
  readonly type: string;
  readonly errors: readonly InputError[];
  /** The request as it is, if it is known. */
  readonly record: RecordView | undefined;

  /** @param type stable name of the error in the JSON output */
  constructor(
    exitCode: ExitCode,
    type: string,
    message: string,
    {
      errors = [],
      record,
    }: { readonly errors?: readonly InputError[]; readonly record?: RecordView | undefined } = {},
  ) {
    super(message);
    this.exitCode = exitCode;
    this.type = type;
    this.errors = errors;
    this.record = record;
  }
}

export const usageError = (message: string, errors?: readonly InputError[]): CommandError =>
  new CommandError(EXIT.usage, 'usage', message, { errors: errors ?? [] });

/** Problems that refuse a paid call for now: fix the cause, or wait, then repeat the command. */
const REFUSALS = new Set([
  'paused',
  'daily-limit-reached',
  'caller-limit-reached',
  'insufficient-credit',
  'no-permission',
  'invalid-api-key',
  'api-key-missing',
]);

/** The codes of rejected records that mean the same. */
const REFUSAL_CODES = new Set([
  'paused',
  'daily_limit_reached',
  'caller_limit_reached',
  'insufficient_credit',
  'no_permission',
  'invalid_key',
]);

const INVALID_INPUT = new Set([
  'invalid-request',
  'invalid-json',
  'invalid-parameter',
  'invalid-header',
  'body-too-large',
  'unsupported-media-type',
  'idempotency-key-reused',
]);

/** What became of a request. One that has not ended is `done`: it was accepted. */
export const exitOfRecord = ({ status, error }: Pick<RecordView, 'status' | 'error'>): ExitCode => {
  switch (status) {
    case 'in_doubt':
      return EXIT.inDoubt;
    case 'rejected':
      return REFUSAL_CODES.has(error?.code ?? '') ? EXIT.refused : EXIT.failed;
    case 'queued':
    case 'submitting':
    case 'generating':
    case 'succeeded':
      return EXIT.done;
    default:
      return EXIT.failed;
  }
};

const exitOfProblem = ({ type = '', status, charged, record }: PhotoAvatarsError): ExitCode => {
  if (INVALID_INPUT.has(type)) return EXIT.usage;
  if (REFUSALS.has(type)) return EXIT.refused;
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (type === 'in-doubt' || type === 'not-recorded') return EXIT.inDoubt;
  // Without a record, a person or a repetition under the same key must find out what became of it.
  return charged === 'unknown' && !record ? EXIT.inDoubt : EXIT.failed;
};

export const exitOfError = (error: unknown): ExitCode => {
  if (error instanceof CommandError) return error.exitCode;
  if (isWaitTimeout(error)) return EXIT.pending;
  return isPhotoAvatarsError(error) ? exitOfProblem(error) : EXIT.failed;
};

/** The most serious first. A batch ends with the first one that occurs. */
const BY_SERIOUSNESS: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.inDoubt,
  EXIT.notAllowed,
  EXIT.failed,
  EXIT.usage,
  EXIT.refused,
  EXIT.pending,
];

export const mostSerious = (codes: Iterable<ExitCode>): ExitCode => {
  const occurring = new Set(codes);
  return BY_SERIOUSNESS.find((code) => occurring.has(code)) ?? EXIT.done;
};

/** The one document that `--json` prints for an error. */
export const errorDocument = (error: unknown): { readonly error: Record<string, unknown> } => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandError) {
    const { type, exitCode, errors, record } = error;
    const isUnsent = exitCode === EXIT.usage || exitCode === EXIT.notAllowed;
    const charged = record?.charged ?? (isUnsent ? 'no' : 'unknown');
    return { error: { type, message, charged, errors: errors.length > 0 ? errors : undefined, record } };
  }
  if (!isPhotoAvatarsError(error)) return { error: { type: 'unexpected', message } };
  return {
    error: {
      type: error.type ?? error.name,
      message,
      status: error.status,
      charged: error.charged,
      advice: error.advice,
      errors: error.fieldErrors.length > 0 ? error.fieldErrors : undefined,
      retry_after_ms: error.retryAfterMs,
      idempotency_key: error.idempotencyKey,
      request_id: error.requestId,
      record: error.record,
    },
  };
};
