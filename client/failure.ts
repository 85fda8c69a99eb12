import type { ProblemName } from '../lambda/http/problem.ts';
import type { Problem } from '../lambda/views/schemas.ts';
import { AbortError, type Charged, type ErrorDetails, PhotoAvatarsError } from './errors.ts';

/** What the error of a call says besides what went wrong. */
export interface CallKind {
  /** Whether the call may lead to a charge. */
  readonly pays?: boolean;
  readonly idempotencyKey?: string | undefined;
}

/** One attempt that did not succeed. */
export interface Failure
  extends Pick<
    ErrorDetails,
    'type' | 'status' | 'isRepeatable' | 'retryAfterMs' | 'record' | 'fieldErrors' | 'requestId' | 'cause'
  > {
  /** A sentence: what went wrong. */
  readonly what: string;
  /** @default - to repeat it with the same key */
  readonly advice?: string | undefined;
  /** Whether the service may have acted upon it. */
  readonly mayHaveHappened: boolean;
  readonly isAborted?: boolean;
}

/** Problems that pass. All others stay until somebody acts, whatever their status. */
const REPEATABLE: readonly (ProblemName | (string & {}))[] = [
  'unavailable',
  'not-recorded',
] satisfies ProblemName[];

/** Problems that may come after the paid call. */
const MAY_HAVE_HAPPENED: readonly (ProblemName | (string & {}))[] = [
  'unavailable',
  'not-recorded',
  'in-doubt',
  'joggai-error',
  'unreadable-item',
] satisfies ProblemName[];

/** Begins the `type` of every problem; its name follows. */
export const PROBLEM_TYPE_PREFIX = 'urn:photo-avatars:problem:';

/** The problem in a body, unless something else than the API answered. */
const problemIn = (body: unknown): (Problem & { name: string }) | undefined => {
  const { type } = Object(body) as Partial<Problem>;
  if (typeof type !== 'string' || !type.startsWith(PROBLEM_TYPE_PREFIX)) return undefined;
  return { ...(body as Problem), name: type.slice(PROBLEM_TYPE_PREFIX.length) };
};

/**
 * The milliseconds that a `Retry-After` header asks for.
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export const retryAfterMs = (headers: Headers, now: number): number | undefined => {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};

export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON value, or `undefined` if it was none. */
  readonly body: unknown;
  /** Who answered. */
  readonly origin: string;
}

const CHECK_URL = 'Check the URL: it is the output ApiUrl of the stack.';

/** Reads an answer that is not the expected one. */
export const readFailure = ({ status, headers, body, origin }: FailedAnswer, now: number): Failure => {
  const answered = {
    status,
    retryAfterMs: retryAfterMs(headers, now),
    requestId: headers.get('x-correlation-id') ?? headers.get('apigw-requestid') ?? undefined,
  };
  const problem = problemIn(body);
  if (problem) {
    const { name, title, detail, record, errors } = problem;
    const mayHaveHappened = MAY_HAVE_HAPPENED.includes(name);
    return {
      ...answered,
      type: name,
      what: [
        `${title}: ${detail}`,
        ...(errors ?? []).map(({ field, message }) => `${field} ${message}.`),
      ].join(' '),
      advice: record?.error?.advice ?? (name === 'unavailable' ? undefined : detail),
      record,
      fieldErrors: errors,
      isRepeatable: REPEATABLE.includes(name),
      mayHaveHappened,
    };
  }
  const { message } = Object(body) as { message?: unknown };
  const said = typeof message === 'string' ? `: ${message}` : '';
  const what = `${origin} answered HTTP ${status}${said}.`;
  if (status >= 500 || status === 408) {
    return { ...answered, what, isRepeatable: true, mayHaveHappened: true };
  }
  // Below, API Gateway or a proxy refused it before the service saw it.
  const refused = { ...answered, what, isRepeatable: status === 429, mayHaveHappened: false };
  if (status === 429) return { ...refused, advice: 'Send requests more slowly.' };
  if (status === 401 || status === 403) return { ...refused, advice: notAllowed(status, headers, now) };
  return { ...refused, advice: CHECK_URL };
};

/** Reads an answer of success whose body is not what this API sends. */
export const notOfThisApi = ({ status, origin }: Pick<FailedAnswer, 'status' | 'origin'>): Failure => ({
  status,
  what: `${origin} answered HTTP ${status}, but not as this API does.`,
  advice: CHECK_URL,
  isRepeatable: false,
  mayHaveHappened: true,
});

/** The failure of a call that was not sent. */
export const refusedHere = (type: Failure['type'], what: string, advice: string): Failure => ({
  type,
  what,
  advice,
  isRepeatable: false,
  mayHaveHappened: false,
});

/** API Gateway refuses a signature that is older: its time differs from the clock of API Gateway. */
const MAX_SKEW_MS = 5 * 60_000;

const notAllowed = (status: number, headers: Headers, now: number): string => {
  const skew = Math.abs(Date.parse(headers.get('date') ?? '') - now);
  if (skew > MAX_SKEW_MS) {
    return `Set the clock of this machine: it differs by ${Math.round(skew / 60_000)} minutes, so its signatures are not valid.`;
  }
  return status === 401
    ? 'Get a new token: this one is missing, has expired or is of another issuer.'
    : 'Check the credentials or the token, and that its role may call this route.';
};

/** Failures of a connection before anything of the request was sent, by Node's codes. */
const NOTHING_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/** The code of a failed connection: `fetch` hides it in the cause, or in the first of several causes. */
const codeOf = (error: unknown): string | undefined => {
  const { code, cause, errors } = Object(error) as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors)) return codeOf(errors[0]);
  return cause === undefined ? undefined : codeOf(cause);
};

/** The failure of a request that got no answer. */
export const noAnswer = (error: unknown, origin: string): Failure => {
  const code = codeOf(error);
  const isSent = code === undefined || !NOTHING_SENT.test(code);
  // The message of an error may repeat what was sent; browsers give no code on purpose.
  const reason = code ?? (error instanceof Error ? error.name : 'unknown error');
  return {
    what: `No answer from ${origin} (${reason}).`,
    ...(!isSent && { advice: 'Check the URL and the network.' }),
    isRepeatable: true,
    mayHaveHappened: isSent,
    cause: error,
  };
};

const CHARGED: Record<Charged, string> = {
  no: 'Nothing was charged.',
  unknown: 'It may have been charged.',
  yes: 'It was charged.',
};

/** The error of a failure, for people and programs. */
export const toError = (
  { what, isAborted, mayHaveHappened, ...failure }: Failure,
  { pays = false, idempotencyKey }: CallKind,
): PhotoAvatarsError => {
  const charged = pays ? (failure.record?.charged ?? (mayHaveHappened ? 'unknown' : 'no')) : 'no';
  const advice =
    failure.advice ??
    (idempotencyKey === undefined
      ? 'Try again.'
      : `Send it again with the same idempotency key, ${idempotencyKey}: then it is paid at most once.`);
  const message = [
    what,
    // Most details of the API say it already.
    ...(/charged/i.test(what) ? [] : [CHARGED[charged]]),
    ...(what.includes(advice) ? [] : [advice]),
  ].join(' ');
  const details = { ...failure, message, charged, advice, idempotencyKey };
  return isAborted ? new AbortError(details) : new PhotoAvatarsError(details);
};
