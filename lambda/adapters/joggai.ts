import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import * as z from 'zod';
import type { Outcome, Refusal } from '../domain/outcome.ts';
import type { PaidApi } from '../domain/ports.ts';

/** The answer's diagnostics for the log: never its words, which may repeat the caller's. */
export interface JoggAiAnswer {
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
  readonly connectTimeoutMs?: number;
}

/** Far more than any answer of JoggAI's. */
const MOST_ANSWER_BYTES = 1024 * 1024;

const DEFAULT_RETRY_AFTER_SECONDS = 60;
const LONGEST_RETRY_AFTER_SECONDS = 15 * 60;

/**
 * The paid endpoint, `POST /v2/photo_avatar/photo/generate`.
 *
 * Each call uses a connection of its own: a kept one may have died while the function was frozen, and a reset on
 * it cannot be told from an answer that got lost. The body is read whatever the HTTP status, because JoggAI reports
 * most failures as HTTP 200 with a code.
 *
 * Source: https://docs.jogg.ai (API v2, Generate Photo Avatar; Rate limits)
 */
export const createJoggAi = ({ baseUrl, onAnswer, connectTimeoutMs = 5_000 }: JoggAiOptions): PaidApi => {
  const url = new URL('/v2/photo_avatar/photo/generate', baseUrl);
  return {
    async generate(request, { apiKey, timeoutMs }) {
      const startedAt = performance.now();
      const exchange = await post(url, JSON.stringify(request), { apiKey, timeoutMs, connectTimeoutMs });
      const { outcome, answer } = read(exchange);
      const headers = exchange.kind === 'answered' ? exchange.headers : undefined;
      onAnswer({
        outcome: outcome.kind,
        latencyMs: performance.now() - startedAt,
        httpStatus: exchange.kind === 'answered' ? exchange.httpStatus : undefined,
        code: answer?.code,
        rid: answer?.rid,
        rateLimitRemaining: headers?.['x-ratelimit-remaining']?.toString(),
      });
      return outcome;
    },
  };
};

type Exchange =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      readonly headers: IncomingMessage['headers'];
      readonly body: string;
    }
  | { readonly kind: 'not_sent' | 'no_answer'; readonly cause: string };

interface PostOptions {
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** One POST on a fresh connection, one end: whatever happens is told by what had left this machine before it. */
const post = (
  url: URL,
  body: string,
  { apiKey, timeoutMs, connectTimeoutMs }: PostOptions,
): Promise<Exchange> =>
  new Promise((resolve) => {
    const isTls = url.protocol === 'https:';
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      headers: {
        'x-api-key': apiKey,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json',
      },
    });
    // The request is written as soon as the connection stands: from then on it may have arrived.
    let sent = false;
    const end = (exchange: Exchange) => {
      clearTimeout(total);
      clearTimeout(connecting);
      resolve(exchange);
      request.destroy();
    };
    const fail = (cause: string) => end({ kind: sent ? 'no_answer' : 'not_sent', cause });

    const total = setTimeout(() => fail(`no answer within ${timeoutMs / 1_000} s`), timeoutMs);
    const connecting = setTimeout(
      () => fail(`no connection within ${connectTimeoutMs / 1_000} s`),
      Math.min(connectTimeoutMs, timeoutMs),
    );
    request.once('socket', (socket) =>
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        sent = true;
        clearTimeout(connecting);
      }),
    );
    request.on('error', (error) => fail(causeOf(error)));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MOST_ANSWER_BYTES) fail(`an answer of more than ${MOST_ANSWER_BYTES} bytes`);
      });
      response.on('error', (error) => fail(causeOf(error)));
      response.once('close', () => {
        if (!response.complete) return fail('the answer broke off');
        end({
          kind: 'answered',
          httpStatus: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    request.end(body);
  });

/** The error's code and no more: messages of TLS and DNS errors may repeat what was sent. */
const causeOf = (error: Error): string => {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return causeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

/** The envelope of every JoggAI answer. Read leniently: only `code` makes it readable. */
const envelope = z.object({
  code: z.int(),
  msg: z.string().catch(''),
  rid: z.string().optional().catch(undefined),
  retryAfter: z.coerce.number().positive().optional().catch(undefined),
  data: z
    .object({
      photo_id: z.string().min(1).optional().catch(undefined),
      retryAfter: z.coerce.number().positive().optional().catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

type Envelope = z.infer<typeof envelope>;

const CODE_RATE_LIMITED = 429;

const REFUSAL_CODES = new Map<number, Refusal>([
  [10105, 'invalid_key'],
  [18020, 'insufficient_credit'],
  [18025, 'no_permission'],
  [40000, 'invalid_parameters'],
]);

const read = (exchange: Exchange): { readonly outcome: Outcome; readonly answer?: Envelope | undefined } => {
  if (exchange.kind !== 'answered') return { outcome: exchange };
  const answer = parse(exchange.body);
  return { outcome: answer ? ofAnswer(answer, exchange) : ofHttpStatus(exchange), answer };
};

const parse = (body: string): Envelope | undefined => {
  try {
    return envelope.safeParse(JSON.parse(body)).data;
  } catch {
    // Not JSON: then the HTTP status is all there is.
    return undefined;
  }
};

type Answered = Extract<Exchange, { kind: 'answered' }>;

const ofAnswer = (answer: Envelope, exchange: Answered): Outcome => {
  const { code, msg: message, data } = answer;
  if (code === 0) {
    return data?.photo_id
      ? { kind: 'accepted', photoId: data.photo_id }
      : { kind: 'no_answer', cause: 'code 0 without a photo_id' };
  }
  const reason = REFUSAL_CODES.get(code);
  if (reason) return { kind: 'refused', reason, code, message };
  if (code === CODE_RATE_LIMITED || exchange.httpStatus === 429) return rateLimited(exchange, answer);
  return { kind: 'failed', code, message };
};

const ofHttpStatus = (exchange: Answered): Outcome => {
  const { httpStatus } = exchange;
  if (httpStatus === 429) return rateLimited(exchange);
  if (httpStatus >= 400 && httpStatus < 500) return { kind: 'turned_away', httpStatus };
  return { kind: 'no_answer', cause: `HTTP ${httpStatus} without a readable body` };
};

/** JoggAI's text says to wait `retryAfter` seconds, its sample shows no such field: all likely places are read. */
const rateLimited = ({ headers }: Answered, answer?: Envelope): Outcome => {
  const header = Number(headers['retry-after']);
  const asked = answer?.retryAfter ?? answer?.data?.retryAfter ?? (header > 0 ? header : undefined);
  return {
    kind: 'rate_limited',
    retryAfterSeconds: Math.min(Math.ceil(asked ?? DEFAULT_RETRY_AFTER_SECONDS), LONGEST_RETRY_AFTER_SECONDS),
  };
};
