import * as z from 'zod/mini';
import type { Outcome, Refusal } from '../../domain/outcome.ts';
import type { Clock, PaidApi } from '../../domain/ports.ts';
import { envelope, readAnswer, shortened, withoutKey } from './envelope.ts';
import { type Answered, type Connection, connect, type Exchange } from './exchange.ts';

/** Diagnostics of an answer for the log; never its message, which may repeat the caller's text. */
export interface JoggAiAnswer {
  readonly recordId: string;
  readonly correlationId?: string | undefined;
  readonly outcome: Outcome['kind'];
  readonly latencyMs: number;
  readonly httpStatus?: number | undefined;
  readonly code?: number | undefined;
  /** JoggAI's id of the request, if any. */
  readonly rid?: string | undefined;
  readonly rateLimitRemaining?: string | undefined;
}

export interface PaidApiOptions {
  /** Origin, without a path: https://api.jogg.ai */
  readonly baseUrl: string;
  /** Called after every call. */
  readonly onAnswer: (answer: JoggAiAnswer) => void;
  /** Time limit for the connection, in milliseconds. @default 5000 */
  readonly connectTimeoutMs?: number | undefined;
  /** @default Date.now */
  readonly clock?: Clock | undefined;
}

/**
 * A connection is used for a call within this time of its opening, in milliseconds: a server, or the function's freeze,
 * may end one that waits longer.
 */
const MAX_AHEAD_MS = 1_000;

const DEFAULT_RETRY_AFTER_SECONDS = 60;
const MAX_RETRY_AFTER_SECONDS = 15 * 60;

/**
 * The paid endpoint, `POST /v2/photo_avatar/photo/generate`.
 *
 * The body is read at any HTTP status, because JoggAI reports most failures as HTTP 200 with a code.
 *
 * Source: https://docs.jogg.ai (API v2, Generate Photo Avatar; Rate limits)
 */
export const createPaidApi = ({
  baseUrl,
  onAnswer,
  connectTimeoutMs = 5_000,
  clock = Date.now,
}: PaidApiOptions): PaidApi => {
  const url = new URL('/v2/photo_avatar/photo/generate', baseUrl);
  const open = (): Connection => connect(url, { method: 'POST', connectTimeoutMs });

  /** Opened for a call that may follow. */
  let ahead: { readonly connection: Connection; readonly openedAt: number } | undefined;
  /** While calls are expected that do not follow, no connection is opened in vain. */
  let wasUsed = true;

  const closeAhead = (): void => {
    ahead?.connection.close();
    ahead = undefined;
  };

  const connection = (): Connection => {
    // Timers fire too late after a freeze, so the clock decides.
    const isUsable = ahead && !ahead.connection.isClosed() && clock() - ahead.openedAt < MAX_AHEAD_MS;
    if (!isUsable) closeAhead();
    const taken = ahead?.connection ?? open();
    ahead = undefined;
    wasUsed = true;
    return taken;
  };

  return {
    expectCall() {
      if (!wasUsed) return;
      wasUsed = false;
      // The caller's own calls go first: it waits for them.
      setImmediate(() => {
        if (wasUsed || ahead) return;
        const opened = { connection: open(), openedAt: clock() };
        ahead = opened;
        setTimeout(() => ahead === opened && closeAhead(), MAX_AHEAD_MS).unref();
      });
    },

    async generate(request, { apiKey, timeoutMs, recordId, correlationId }) {
      const startedAt = performance.now();
      const sentBefore = clock() + timeoutMs;
      const ended = await connection().send({
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        body: JSON.stringify(request),
        timeoutMs,
        // Lambda may freeze a process here, and continue it after its claim has ended: timers then may fire too late.
        mayBeSent: () => clock() < sentBefore,
      });
      const { outcome, answer } = readEnd(ended, apiKey);
      onAnswer({
        recordId,
        correlationId,
        outcome: outcome.kind,
        latencyMs: performance.now() - startedAt,
        httpStatus: ended.kind === 'answered' ? ended.httpStatus : undefined,
        code: answer?.code,
        rid: answer?.rid,
        rateLimitRemaining: ended.kind === 'answered' ? remainingOf(ended, apiKey) : undefined,
      });
      return outcome;
    },
  };
};

/** A DynamoDB item holds 400 kB: an answer with a longer id could not be recorded. */
const MAX_ID = 512;

const seconds = z.catch(z.optional(z.coerce.number().check(z.positive())), undefined);

const generateAnswer = envelope({
  data: z.catch(
    z.nullish(
      z.object({
        photo_id: z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_ID))), undefined),
        retryAfter: seconds,
      }),
    ),
    undefined,
  ),
  retryAfter: seconds,
});

type GenerateAnswer = z.infer<typeof generateAnswer>;

const CODE_RATE_LIMITED = 429;

const REFUSAL_CODES = new Map<number, Refusal>([
  [10105, 'invalid_key'],
  [18020, 'insufficient_credit'],
  [18025, 'no_permission'],
  [40000, 'invalid_parameters'],
]);

const readEnd = (
  ended: Exchange,
  apiKey: string,
): { readonly outcome: Outcome; readonly answer?: GenerateAnswer | undefined } => {
  if (ended.kind !== 'answered') return { outcome: ended };
  // If the body is not JSON, only the HTTP status is left.
  const answer = readAnswer(generateAnswer, ended.body, apiKey);
  return { outcome: answer ? ofAnswer(answer, ended) : ofHttpStatus(ended), answer };
};

const ofAnswer = (answer: GenerateAnswer, ended: Answered): Outcome => {
  const { code, msg, data } = answer;
  const message = shortened(msg);
  if (code === 0) {
    return data?.photo_id
      ? { kind: 'accepted', photoId: data.photo_id }
      : { kind: 'no_answer', cause: 'code 0 without a photo_id' };
  }
  const reason = REFUSAL_CODES.get(code);
  if (reason) return { kind: 'refused', reason, code, message };
  if (code === CODE_RATE_LIMITED || ended.httpStatus === 429) return rateLimited(ended, answer);
  return { kind: 'failed', code, message };
};

const ofHttpStatus = (ended: Answered): Outcome => {
  const { httpStatus } = ended;
  if (httpStatus === 429) return rateLimited(ended);
  if (httpStatus >= 400 && httpStatus < 500) return { kind: 'http_rejected', httpStatus };
  return { kind: 'no_answer', cause: `HTTP ${httpStatus} without a readable body` };
};

/** Calls left in the window as a header says. Logged only if it is a number. */
const remainingOf = ({ headers }: Answered, apiKey: string): string | undefined =>
  /^\d{1,9}$/.exec(withoutKey(headers['x-ratelimit-remaining']?.toString() ?? '', apiKey))?.[0];

/** JoggAI's text names `retryAfter` seconds, but its sample has no such field, so all likely places are read. */
const rateLimited = ({ headers }: Answered, answer?: GenerateAnswer): Outcome => {
  const header = Number(headers['retry-after']);
  const asked = answer?.retryAfter ?? answer?.data?.retryAfter ?? (header > 0 ? header : undefined);
  return {
    kind: 'rate_limited',
    retryAfterSeconds: Math.min(Math.ceil(asked ?? DEFAULT_RETRY_AFTER_SECONDS), MAX_RETRY_AFTER_SECONDS),
  };
};
