import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHandlerServer, listen, readBody } from '../../local/server.ts';
import { TOKEN_HEADER } from '../../page/contract.ts';
import type { Assets } from '../../page/server/assets.ts';
import { noLastHour } from '../../page/server/last-hour.ts';
import type { PageOptions } from '../../page/server/page.ts';
import { startPage } from '../../page/server/start.ts';

const asset = (type: string, content: string) => ({ type, content: Buffer.from(content) });

/** A page as small as possible. */
export const ASSETS: Assets = new Map([
  ['/', asset('text/html; charset=utf-8', '<!doctype html><title>Page</title>')],
  ['/app.js', asset('text/javascript; charset=utf-8', 'export {};')],
  ['/app.css', asset('text/css; charset=utf-8', 'p{margin:0}')],
  ['/favicon.svg', asset('image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>')],
]);

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request as it is: `fetch` would replace Host and the path. */
export const sendRaw = (
  origin: string,
  target: string,
  { method = 'GET', headers = {}, body }: Sent = {},
): Promise<Received> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    // A connection of its own: the server may answer before it has read the body.
    const options = { hostname, port, path: target, method, agent: false };
    const outgoing = httpRequest({ ...options, headers: { ...length, ...headers } });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      text(incoming).then(
        (answer) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: answer }),
        reject,
      );
    });
    outgoing.end(body);
  });

/** A server that records what arrives, and answers as it is told. */
export const startUpstream = async () => {
  const received: { method: string; target: string; headers: IncomingHttpHeaders; body: string }[] = [];
  let answer: { status: number; headers: Record<string, string>; body: string } | 'reset';
  const reset = () => {
    received.length = 0;
    answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"from":"upstream"}' };
  };
  reset();
  const server = createHandlerServer(async (request, response) => {
    const body = (await readBody(request, 10_000_000))?.toString() ?? '';
    received.push({
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      body,
    });
    if (answer === 'reset') request.socket.resetAndDestroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return {
    ...(await listen(server)),
    received,
    reset,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
  };
};

export type Upstream = Awaited<ReturnType<typeof startUpstream>>;

/** A running page, and a person's browser that has its token. */
export const startTestPage = async (options: Partial<PageOptions> & Pick<PageOptions, 'api'>, port = 0) => {
  const defaults: Omit<PageOptions, 'api'> = {
    session: { service: 'test', kind: 'url', hasSimulator: false, version: '0.0.0' },
    assets: ASSETS,
    monitor: {
      alarms: async () => ({ items: [] }),
      lastHour: async () => noLastHour(Date.now(), 'Not measured.'),
    },
    pictureSources: ['https://pictures.example'],
  };
  const page = await startPage({ ...defaults, ...options }, port);
  const [origin = '', fragment = ''] = page.address.split('/#');
  const token = new URLSearchParams(fragment).get('token') ?? '';
  return {
    ...page,
    origin,
    port: new URL(origin).port,
    token,
    /** Without the token. */
    send: (target: string, sent?: Sent) => sendRaw(origin, target, sent),
    /** As the page does. */
    sendOwn: (target: string, sent: Sent = {}) =>
      sendRaw(origin, target, { ...sent, headers: { [TOKEN_HEADER]: token, ...sent.headers } }),
  };
};

export type TestPage = Awaited<ReturnType<typeof startTestPage>>;

/** The problem in an answer: its name, without the prefix. */
export const problemIn = ({ headers, text: body }: Received): string => {
  if (headers['content-type'] !== 'application/problem+json') return `no problem: ${body}`;
  const { type, detail } = JSON.parse(body);
  return detail.length > 10 ? type.replace('urn:photo-avatars:problem:', '') : 'a problem without a detail';
};
