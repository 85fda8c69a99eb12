import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createHandlerServer, listen, type RunningServer, readBody, sendJson } from '../server.ts';
import { type Caller, createEvent, LOCAL_CALLER, matchRoute } from './http-api-event.ts';

export interface HttpApiOptions {
  /** The integration: gets the event and gives the function's result, or rejects with its error. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Route keys, such as `POST /photo-avatars`, `GET /photo-avatars/{id}`, `$default`. */
  readonly routes: readonly string[];
  /** @default any free port */
  readonly port?: number;
  /** Whom the events name as the caller. @default a made-up user of account 000000000000 */
  readonly caller?: Caller;
  /**
   * How long the caller waits for the function at most.
   *
   * @default no limit: a function's own timeout is below API Gateway's 30 s, and a wait for a free or a starting
   * execution environment, which is long where the machine is busy, must not count
   */
  readonly integrationTimeoutMs?: number;
}

/** Payload limit of an HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const LONGEST_BODY = 10 * 1024 * 1024;

const structuredResponse = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

type Outcome = { kind: 'result'; result: unknown } | { kind: 'error' } | { kind: 'timeout' };

/**
 * Starts an API Gateway HTTP API on this machine, with one function behind it and payload format 2.0.
 *
 * It authenticates nobody: it listens on 127.0.0.1 only, and its events name the same local caller for
 * every request. As in API Gateway, a function that takes too long goes on running after the caller's 503.
 */
export const startHttpApi = async (options: HttpApiOptions): Promise<RunningServer> => {
  const { invoke, routes, port, caller = LOCAL_CALLER, integrationTimeoutMs } = options;

  const integrate = async (event: unknown): Promise<Outcome> => {
    const { promise: timeout, resolve } = Promise.withResolvers<Outcome>();
    const timer =
      integrationTimeoutMs === undefined
        ? undefined
        : setTimeout(() => resolve({ kind: 'timeout' }), integrationTimeoutMs);
    const answer = invoke(event).then(
      (result): Outcome => ({ kind: 'result', result }),
      // What went wrong is in the function's own log; a caller of API Gateway is not told.
      (): Outcome => ({ kind: 'error' }),
    );
    return Promise.race([answer, timeout]).finally(() => clearTimeout(timer));
  };

  const server = createHandlerServer(async (request, response) => {
    const receivedAt = new Date();
    const requestId = randomUUID();
    response.setHeader('apigw-requestid', requestId);
    const target = splitTarget(request);
    if (target === undefined) return sendMessage(response, 400, 'Bad Request');
    const match = matchRoute(routes, request.method ?? '', target.path);
    if (match === undefined) return sendMessage(response, 404, 'Not Found');
    const body = await readBody(request, LONGEST_BODY);
    if (body === undefined) return sendMessage(response, 413, 'Request Entity Too Large');

    const event = createEvent({ request, ...target, ...match, body, requestId, caller, receivedAt });
    const outcome = await integrate(event);
    switch (outcome.kind) {
      case 'result':
        return sendResult(response, outcome.result);
      case 'error':
        return sendMessage(response, 500, 'Internal Server Error');
      case 'timeout':
        return sendMessage(response, 503, 'Service Unavailable');
      default:
        return outcome satisfies never;
    }
  });
  return listen(server, port);
};

const sendMessage = (response: ServerResponse, status: number, message: string) =>
  sendJson(response, status, { message });

const splitTarget = (request: IncomingMessage): { path: string; query: string } | undefined => {
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  try {
    return { path: decodeURIComponent(path), query: query.join('?') };
  } catch {
    return undefined;
  }
};

/** Whatever has no `statusCode` is a body by itself; a malformed structured response is the function's fault. */
const sendResult = (response: ServerResponse, result: unknown) => {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result ?? null);
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    return;
  }
  const structured = structuredResponse.safeParse(result);
  if (!structured.success) return sendMessage(response, 500, 'Internal Server Error');
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = structured.data;
  response.setHeader('content-type', 'text/plain;charset=utf-8');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(statusCode).end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
};
