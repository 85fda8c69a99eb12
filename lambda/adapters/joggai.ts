import * as z from 'zod/mini';
import type { Outcome, Refusal } from '../domain/outcome.ts';
import type { PaidApi } from '../domain/ports.ts';
import { valueIn } from '../json-text.ts';
import { type Answered, type Exchange, exchange } from './exchange.ts';
import { envelope, presentable } from './joggai-envelope.ts';

/** The answer's diagnostics for the log: never its words, which may repeat the caller's. */
export interface JoggAiAnswer {
  readonly recordId: string;
  readonly outcome: Outcome['kind'];
  readonly latencyMs: number;
  readonly httpStatus?: number | undefined;
  readonly code?: number | undefined;
  /** JoggAI's own id of the request, where it gives one. */
  readonly rid?: string | undefined;
  readonly rateLimitRemaining?: string | undefined;
}

export interface JoggAiOptions {
  /** Origin, without a path: https://api.jogg.ai */
  readonly baseUrl: string;
  /** Told of every call, after it ended. */
  readonly onAnswer: (answer: JoggAiAnswer) => void;
  /** Milliseconds within which a connection must stand. @default 5000 */
  readonly connectTimeoutMs?: number | undefined;
}

const DEFAULT_RETRY_AFTER_SECONDS = 60;
const LONGEST_RETRY_AFTER_SECONDS = 15 * 60;

/**
 * The paid endpoint, `POST /v2/photo_avatar/photo/generate`.
 *
 * The body is read whatever the HTTP status, because JoggAI reports
 * most failures as HTTP 200 with a code.
 *
 * Source: https://docs.jogg.ai (API v2, Generate Photo Avatar; Rate limits)
 */
export const createJoggAi = ({ baseUrl, onAnswer, connectTimeoutMs = 5_000 }: JoggAiOptions): PaidApi => {
  const url = new URL('/v2/photo_avatar/photo/generate', baseUrl);
  return {
    async generate(request, { apiKey, timeoutMs, recordId }) {
      const startedAt = performance.now();
      const ended = await exchange(url, {
        method: 'POST',
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        body: JSON.stringify(request),
        timeoutMs,
        connectTimeoutMs,
      });
      const { outcome: read, answer } = readEnd(ended);
      const outcome = 'message' in read ? { ...read, message: presentable(read.message, apiKey) } : read;
      const headers = ended.kind === 'answered' ? ended.headers : undefined;
      onAnswer({
        recordId,
        outcome: outcome.kind,
        latencyMs: performance.now() - startedAt,
        httpStatus: ended.kind === 'answered' ? ended.httpStatus : undefined,
        code: answer?.code,
        rid: answer?.rid,
        rateLimitRemaining: headers?.['x-ratelimit-remaining']?.toString(),
      });
      return outcome;
    },
  };
};

const seconds = z.catch(z.optional(z.coerce.number().check(z.positive())), undefined);

const generateAnswer = envelope({
  data: z.catch(
    z.nullish(
      z.object({
        photo_id: z.catch(z.optional(z.string().check(z.minLength(1))), undefined),
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
): { readonly outcome: Outcome; readonly answer?: GenerateAnswer | undefined } => {
  if (ended.kind !== 'answered') return { outcome: ended };
  // Not JSON: then the HTTP status is all there is.
  const answer = valueIn(generateAnswer, ended.body);
  return { outcome: answer ? ofAnswer(answer, ended) : ofHttpStatus(ended), answer };
};

const ofAnswer = (answer: GenerateAnswer, ended: Answered): Outcome => {
  const { code, msg: message, data } = answer;
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
  if (httpStatus >= 400 && httpStatus < 500) return { kind: 'turned_away', httpStatus };
  return { kind: 'no_answer', cause: `HTTP ${httpStatus} without a readable body` };
};

/** JoggAI's text says to wait `retryAfter` seconds, its sample shows no such field: all likely places are read. */
const rateLimited = ({ headers }: Answered, answer?: GenerateAnswer): Outcome => {
  const header = Number(headers['retry-after']);
  const asked = answer?.retryAfter ?? answer?.data?.retryAfter ?? (header > 0 ? header : undefined);
  return {
    kind: 'rate_limited',
    retryAfterSeconds: Math.min(Math.ceil(asked ?? DEFAULT_RETRY_AFTER_SECONDS), LONGEST_RETRY_AFTER_SECONDS),
  };
};
