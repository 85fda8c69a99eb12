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

export interface ConnectOptions {
  readonly method: 'GET' | 'POST';
  /** Time limit for the connection, in milliseconds. */
  readonly connectTimeoutMs: number;
}

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From now to the end of the answer. */
  readonly timeoutMs: number;
  /** Asked once the connection is established. If not, nothing is sent. @default - it may */
  readonly mayBeSent?: () => boolean;
}

/** A connection for one request. It is being opened, or is open. */
export interface Connection {
  /** Sends the request, and closes the connection after the answer. Never throws. */
  send(options: SendOptions): Promise<Exchange>;
  /** Whether it failed or was closed, from either side. */
  isClosed(): boolean;
  close(): void;
}

/** Each request opens a connection and closes it. As they share an agent, a TLS handshake resumes an earlier session. */
const agent = new Agent({ keepAlive: false });
const tlsAgent = new TlsAgent({ keepAlive: false });

/**
 * Opens a connection for one request. A failure is reported by whether the request had been sent. Connections are not
 * reused: one may have closed while the function was frozen, and a reset on it looks like a lost answer.
 */
export const connect = (url: URL, { method, connectTimeoutMs }: ConnectOptions): Connection => {
  const isTls = url.protocol === 'https:';
  // It sends nothing before its end.
  const request = (isTls ? httpsRequest : httpRequest)(url, { method, agent: isTls ? tlsAgent : agent });
  const exchange = Promise.withResolvers<Exchange>();
  const connected = Promise.withResolvers<void>();
  let isClosed = false;
  // From then on it may have arrived.
  let sent = false;

  const end = (exchanged: Exchange) => {
    isClosed = true;
    clearTimeout(connecting);
    exchange.resolve(exchanged);
    request.destroy();
  };
  const fail = (cause: string) => end({ kind: sent ? 'no_answer' : 'not_sent', cause });

  const connecting = setTimeout(
    () => fail(`no connection within ${connectTimeoutMs / 1_000} s`),
    connectTimeoutMs,
  );
  request.once('socket', (socket) =>
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(connecting);
      connected.resolve();
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

  return {
    async send({ headers, body, timeoutMs, mayBeSent = () => true }) {
      request.setHeader('accept', 'application/json');
      for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
      const total = setTimeout(() => fail(`no answer within ${timeoutMs / 1_000} s`), timeoutMs);
      connected.promise.then(() => {
        if (isClosed) return;
        if (!mayBeSent()) return fail('the connection was established too late');
        sent = true;
        request.end(body);
      });
      const exchanged = await exchange.promise;
      clearTimeout(total);
      return exchanged;
    },
    isClosed: () => isClosed,
    close: () => fail('closed'),
  };
};
