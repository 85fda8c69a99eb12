import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '../../client/authorize.ts';
import { noAnswer } from '../../client/failure.ts';
import { errorName } from '../../lambda/shared/error-name.ts';
import { PageError } from './answers.ts';

/** Requests of the page that are sent on to another server. */
export interface Upstream {
  /** Origin, with the path that every route is below, without a slash at the end. */
  readonly url: string;
  /** @default - requests are sent as they are */
  readonly authorize?: Authorize | undefined;
  /** What is passed on, such as `GET /photo-avatars/{id}`. */
  readonly routes: readonly string[];
}

/** Larger than the largest body that the API takes. */
const MAX_BODY_BYTES = 128 * 1024;

/** Longer than API Gateway's 30 s, and shorter than the page waits. */
const TIMEOUT_MS = 32_000;

/** What the API reads. Everything else, credentials and cookies above all, is dropped. */
const REQUEST_HEADERS = ['content-type', 'idempotency-key', 'prefer'] as const;

/** What the client reads. */
const ANSWER_HEADERS = [
  'apigw-requestid',
  'content-type',
  'idempotency-replayed',
  'location',
  'retry-after',
  'x-correlation-id',
] as const;

/** The routes with this path: their methods. A parameter is an id, never a part of a path. */
const methodsAt = (routes: readonly string[], path: string): string[] =>
  routes.flatMap((route) => {
    const [method = '', pattern = ''] = route.split(' ');
    const expression = pattern.replaceAll('.', '\\.').replace(/\{\w+\}/, '[A-Za-z0-9-]+');
    return new RegExp(`^${expression}$`).test(path) ? [method] : [];
  });

/** @throws PageError unless the upstream has this route */
const requireRoute = (routes: readonly string[], method: string, path: string): void => {
  const methods = methodsAt(routes, path);
  if (methods.length === 0) {
    throw new PageError('route-not-found', 'The page passes on the routes of the API, and no others.');
  }
  if (methods.includes(method)) return;
  const allow = methods.join(', ');
  throw new PageError('method-not-allowed', `Allowed: ${allow}.`, { allow });
};

/** @throws PageError if the body is larger than the limit */
const bodyOf = async (request: IncomingMessage): Promise<Buffer<ArrayBuffer>> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) continue;
    // The rest is discarded, so that the client can be answered.
    request.resume();
    throw new PageError('body-too-large', `At most ${MAX_BODY_BYTES} bytes are taken. Nothing was sent.`);
  }
  return Buffer.concat(chunks, length);
};

/** @throws PageError if it is no text */
const textOf = (body: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new PageError('invalid-json', 'The body is not UTF-8. Nothing was sent.');
  }
};

const passedHeaders = ({ headers }: IncomingMessage): Headers => {
  const passed = new Headers();
  for (const name of REQUEST_HEADERS) {
    const value = headers[name]?.toString();
    if (value !== undefined) passed.set(name, value);
  }
  return passed;
};

/** @throws PageError without the message of the cause, which may repeat a secret */
const noCredentials = (cause: unknown): never => {
  throw new PageError(
    'credentials',
    `The credentials could not be obtained (${errorName(cause)}). Nothing was sent. Sign in again, then repeat it.`,
  );
};

/** @throws PageError if there is no answer, or a redirection */
const exchange = async (url: string, init: RequestInit) => {
  const { origin } = new URL(url);
  const noAnswerFrom = (cause: unknown): never => {
    const { what } = noAnswer(cause, origin);
    throw new PageError('unavailable', `${what} A request under the same key is not paid for twice.`);
  };
  // Followed, a redirection would send the request to another address.
  const answer = await fetch(url, { ...init, redirect: 'manual' }).catch(noAnswerFrom);
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    throw new PageError('unavailable', `${origin} redirects, which is not followed.`);
  }
  return { status, headers, body: Buffer.from(await answer.arrayBuffer().catch(noAnswerFrom)) };
};

/**
 * Answers with what the upstream answers.
 *
 * @param target path and query below the upstream's
 * @throws PageError if it cannot
 */
export const passOn = async (
  { url: base, authorize, routes }: Upstream,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { method = '' } = request;
  const [path = '', query] = target.split(/\?(.*)/s);
  requireRoute(routes, method, path);
  const body = await bodyOf(request);
  const url = `${base}${path}${query === undefined ? '' : `?${query}`}`;
  const sent = { method, url, headers: passedHeaders(request), body: textOf(body) || undefined };
  const headers = authorize ? await authorize(sent, Date.now()).catch(noCredentials) : sent.headers;
  const answer = await exchange(url, {
    method,
    headers,
    // Not as text, for which `fetch` would add a content type.
    ...(sent.body !== undefined && { body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  for (const name of ANSWER_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.writeHead(answer.status).end(answer.body);
};
