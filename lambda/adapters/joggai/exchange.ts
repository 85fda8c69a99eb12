import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { errorCode } from '../../shared/error-name.ts';

/** Far more than JoggAI's answers need. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The end of one request: an answer of any content, or whether anything was sent. */
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
  /** Time limit for the connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Asked once the connection is established. If not, nothing is sent. @default - it may */
  readonly mayBeSent?: () => boolean;
}

/** Each request opens a connection and closes it. As they share an agent, a TLS handshake resumes an earlier session. */
const agent = new Agent({ keepAlive: false });
const tlsAgent = new TlsAgent({ keepAlive: false });

/**
 * One request on a new connection. A failure is reported by whether the request had been sent. Connections are not
 * reused: one may have closed while the function was frozen, and a reset on it looks like a lost answer. Never throws.
 */
export const exchange = (
  url: URL,
  { method, headers, body, timeoutMs, connectTimeoutMs, mayBeSent = () => true }: ExchangeOptions,
): Promise<Exchange> =>
  new Promise((resolve) => {
    const isTls = url.protocol === 'https:';
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method,
      agent: isTls ? tlsAgent : agent,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
    });
    // From then on it may have arrived.
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
        clearTimeout(connecting);
        if (!mayBeSent()) return fail('the connection was established too late');
        sent = true;
        request.end(body);
      }),
    );
    request.on('error', (error) => fail(errorCode(error)));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) fail(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
      });
      response.on('error', (error) => fail(errorCode(error)));
      response.once('close', () => {
        if (!response.complete) return fail('the answer was incomplete');
        end({
          kind: 'answered',
          httpStatus: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
  });
