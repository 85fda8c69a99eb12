import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '../../client/authorize.ts';
import { noAnswer } from '../../client/failure.ts';
import { errorName } from '../../lambda/shared/error-name.ts';
import { sendProblem } from './answers.ts';

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
] as const;

/** The routes with this path: their methods. A parameter is an id, never a part of a path. */
const methodsAt = (routes: readonly string[], path: string): string[] =>
  routes.flatMap((route) => {
    const [method = '', pattern = ''] = route.split(' ');
    const expression = pattern.replaceAll('.', '\\.').replace(/\{\w+\}/, '[A-Za-z0-9-]+');
    return new RegExp(`^${expression}$`).test(path) ? [method] : [];
  });

/** The body, or `undefined` if it is larger than the limit. */
const bodyOf = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) continue;
    // The rest is discarded, so that the client can be answered.
    request.resume();
    return undefined;
  }
  return Buffer.concat(chunks, length);
};

const textOf = (body: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
};

/**
 * Answers with what the upstream answers, if it has the route.
 *
 * @param target path and query below the upstream's
 */
export const passOn = async (
  { url: base, authorize = async ({ headers }) => headers, routes }: Upstream,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [path = '', query] = target.split(/\?(.*)/s);
  const methods = methodsAt(routes, path);
  const { method = '' } = request;
  if (methods.length === 0) {
    return sendProblem(
      response,
      'route-not-found',
      'The page passes on the routes of the API, and no others.',
    );
  }
  if (!methods.includes(method)) {
    const allow = methods.join(', ');
    return sendProblem(response, 'method-not-allowed', `Allowed: ${allow}.`, { allow });
  }
  const bytes = await bodyOf(request);
  if (bytes === undefined) {
    return sendProblem(
      response,
      'body-too-large',
      `At most ${MAX_BODY_BYTES} bytes are taken. Nothing was sent.`,
    );
  }
  const body = textOf(bytes);
  if (body === undefined) {
    return sendProblem(response, 'invalid-json', 'The body is not UTF-8. Nothing was sent.');
  }

  const url = `${base}${path}${query === undefined ? '' : `?${query}`}`;
  const sent = { method, url, headers: new Headers(), body: body === '' ? undefined : body };
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name]?.toString();
    if (value !== undefined) sent.headers.set(name, value);
  }
  let headers: Headers;
  try {
    headers = await authorize(sent, Date.now());
  } catch (error) {
    // Without its message, which may repeat a secret.
    return sendProblem(
      response,
      'credentials',
      `The credentials could not be obtained (${errorName(error)}). Nothing was sent. Sign in again, then repeat it.`,
    );
  }
  let status: number;
  let answered: Headers;
  let answer: Buffer;
  try {
    const upstream = await fetch(url, {
      method,
      headers,
      ...(sent.body !== undefined && { body: sent.body }),
      // Followed, a redirection would send the request to another address.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    ({ status, headers: answered } = upstream);
    answer = Buffer.from(await upstream.arrayBuffer());
  } catch (error) {
    const { what } = noAnswer(error, new URL(base).origin);
    return sendProblem(
      response,
      'unavailable',
      `${what} A request under the same key is not paid for twice.`,
    );
  }
  if (status >= 300 && status < 400) {
    return sendProblem(response, 'unavailable', `${new URL(base).origin} redirects, which is not followed.`);
  }
  for (const name of ANSWER_HEADERS) {
    const value = answered.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.writeHead(status).end(answer);
};
