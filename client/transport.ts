import type { Authorize } from './authorize.ts';
import type { PhotoAvatarsError } from './errors.ts';
import { type CallKind, type Failure, noAnswer, readFailure, toError } from './failure.ts';
import type { Timing } from './timing.ts';

export interface TransportOptions {
  /** Repeats after the first attempt. */
  readonly maxRetries: number;
  /** Time limit of one attempt, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** The longest `Retry-After` that is waited for, in milliseconds. */
  readonly maxRetryAfterMs: number;
  readonly fetch: typeof fetch;
  readonly timing: Timing;
}

export interface Call extends CallKind, Partial<Pick<TransportOptions, 'maxRetries' | 'attemptTimeoutMs'>> {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, serialized once for all attempts. */
  readonly body?: string | undefined;
  readonly authorize?: Authorize | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The failure of an earlier attempt that the service may have acted upon. */
  readonly unsure: PhotoAvatarsError | undefined;
}

/** @throws PhotoAvatarsError if no attempt succeeded */
export type Send = (call: Call) => Promise<Answer>;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** The pause before a repeat grows exponentially. Half of it is chance, so that many clients do not return together. */
const pauseMs = (attempt: number, random: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + random / 2);

/** The JSON value of an answer, or `undefined` if it is none. */
export const jsonOf = ({ bytes }: Pick<Answer, 'bytes'>): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};

/** Runs one attempt within its time limit and under the caller's signal. */
const limited = async <Value>(
  ms: number,
  caller: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> => {
  const controller = new AbortController();
  const abort = () => controller.abort(caller?.reason);
  const timer = setTimeout(
    () =>
      controller.abort(
        Object.assign(new Error('The attempt took too long.'), { code: `after ${ms / 1_000} s` }),
      ),
    ms,
  );
  caller?.addEventListener('abort', abort);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', abort);
  }
};

/** Sends calls, and repeats what may be repeated: by the problem that the API names, never by the status alone. */
export const createTransport = (options: TransportOptions): Send => {
  const { fetch, timing } = options;

  const attempt = async (call: Call): Promise<Omit<Answer, 'unsure'> | Failure> => {
    const { method, url, body, signal, authorize } = call;
    const { origin } = new URL(url);
    let isSent = false;
    const aborted = (): Failure => ({
      what: 'The call was aborted.',
      ...((!isSent || !call.pays) && { advice: 'Call it again if it is still wanted.' }),
      isAborted: true,
      isRepeatable: false,
      mayHaveHappened: isSent,
      cause: signal?.reason,
    });
    if (signal?.aborted) return aborted();
    let headers = new Headers(call.headers);
    try {
      if (authorize) headers = await authorize({ method, url, headers, body }, timing.now());
    } catch (cause) {
      return {
        what: `The credentials could not be obtained (${cause instanceof Error ? cause.name : 'unknown error'}).`,
        advice: 'Sign in again, or check where they come from: see the cause.',
        isRepeatable: false,
        mayHaveHappened: false,
        cause,
      };
    }
    if (signal?.aborted) return aborted();
    isSent = true;
    try {
      return await limited(
        call.attemptTimeoutMs ?? options.attemptTimeoutMs,
        signal,
        async (attemptSignal) => {
          const response = await fetch(url, {
            method,
            headers,
            ...(body !== undefined && { body }),
            // Followed, a redirection would send the request to another address.
            redirect: 'manual',
            signal: attemptSignal,
          });
          const bytes = new Uint8Array(await response.arrayBuffer());
          if (response.ok) return { status: response.status, headers: response.headers, bytes };
          return readFailure(
            { status: response.status, headers: response.headers, body: jsonOf({ bytes }), origin },
            timing.now(),
          );
        },
      );
    } catch (error) {
      return signal?.aborted ? aborted() : noAnswer(error, origin);
    }
  };

  return async (call) => {
    const { maxRetries = options.maxRetries } = call;
    let unsure: Failure | undefined;
    for (let repeats = 0; ; repeats += 1) {
      const ended = await attempt(call);
      if (!('what' in ended)) return { ...ended, unsure: unsure && toError(unsure, call) };
      // A failure with a record knows more than one without.
      if (ended.mayHaveHappened && (unsure === undefined || ended.record)) unsure = ended;
      const { retryAfterMs = 0 } = ended;
      if (!ended.isRepeatable || repeats >= maxRetries || retryAfterMs > options.maxRetryAfterMs) {
        throw lastError(ended, unsure, call);
      }
      await timing.wait(Math.max(retryAfterMs, pauseMs(repeats, timing.random())), call.signal);
    }
  };
};

/**
 * The error of the last attempt. If an earlier one may have happened, the last one does not decide what was charged,
 * unless its answer has the record.
 */
const lastError = (last: Failure, unsure: Failure | undefined, call: Call): PhotoAvatarsError => {
  if (unsure === undefined || last === unsure) return toError(last, call);
  if (last.record) return toError({ ...last, cause: toError(unsure, call) }, call);
  const what = last.what === unsure.what ? last.what : `${unsure.what} Then: ${last.what}`;
  const both = { ...unsure, what, retryAfterMs: last.retryAfterMs };
  return last.isAborted
    ? toError({ ...both, isAborted: true, cause: last.cause }, call)
    : toError({ ...both, cause: toError(last, call) }, call);
};
