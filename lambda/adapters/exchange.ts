import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Far more than any answer of JoggAI's. */
const MOST_ANSWER_BYTES = 1024 * 1024;

/** What came of one request: an answer, whatever it says, or the point at which it ended. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      readonly headers: IncomingMessage['headers'];
      readonly body: string;
    }
  | { readonly kind: 'not_sent' | 'no_answer'; readonly cause: string };

export type Answered = Extract<Exchange, { kind: 'answered' }>;

export interface ExchangeOptions {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the start of the connection to the end of the answer. */
  readonly timeoutMs: number;
  /** Milliseconds within which a connection must stand. */
  readonly connectTimeoutMs: number;
}

/**
 * One request on a connection of its own, one end: whatever happens is told by what had left this machine before it.
 * A kept connection may have died while the function was frozen, and a reset on it cannot be told from an answer that
 * got lost. Never throws.
 */
export const exchange = (
  url: URL,
  { method, headers, body, timeoutMs, connectTimeoutMs }: ExchangeOptions,
): Promise<Exchange> =>
  new Promise((resolve) => {
    const isTls = url.protocol === 'https:';
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method,
      agent: false,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
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
export const causeOf = (error: Error): string => {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return causeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
