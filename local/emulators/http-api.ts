import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createHandlerServer, listen, type RunningServer, readBody, sendJson } from '../server.ts';
import type { Authorize } from './http-api-authorizer.ts';
import { type CorsConfiguration, corsHeaders } from './http-api-cors.ts';
import { createEvent, matchRoute } from './http-api-event.ts';

/** Answers some of the requests itself. @returns whether it did */
export type Front = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface HttpApiOptions {
  /** Invokes the function with the event. Resolves with its result, or rejects with its error. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Route keys, such as `POST /photo-avatars`, `GET /photo-avatars/{id}`, `$default`. */
  readonly routes: readonly string[];
  /** @default - any free port */
  readonly port?: number;
  /** @default - no headers of CORS */
  readonly cors?: CorsConfiguration;
  /**
   * `createIamAuthorizer` checks signatures.
   * @default - the same caller for every request
   */
  readonly authorize?: Authorize;
  /** Sees every request first. @default - none */
  readonly front?: Front;
}

/** Payload limit of an HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY = 10 * 1024 * 1024;

const functionResponse = z.strictObject({
  statusCode: z.int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  body: z.string().optional(),
});

/**
 * Starts an API Gateway HTTP API emulator with one function and payload format 2.0. It authenticates only with
 * `authorize`: it listens on 127.0.0.1 only, and every event has the same caller. There is no integration timeout: on a busy machine the
 * wait for an execution environment would count, and the function's time limit is below API Gateway's.
 */
export const startHttpApi = ({
  invoke,
  routes,
  port,
  cors,
  authorize,
  front,
}: HttpApiOptions): Promise<RunningServer> => {
  const server = createHandlerServer(async (request, response) => {
    if (await front?.(request, response)) return;
    const receivedAt = new Date();
    const requestId = randomUUID();
    response.setHeader('apigw-requestid', requestId);
    const target = splitTarget(request);
    if (target === undefined) return sendMessage(response, 400, 'Bad Request');
    const match = matchRoute(routes, request.method ?? '', target.path);
    if (match === undefined) return sendMessage(response, 404, 'Not Found');
    const body = await readBody(request, MAX_BODY);
    if (body === undefined) return sendMessage(response, 413, 'Request Entity Too Large');
    const { method = '', url = '/', headers } = request;
    const authorizer = await authorize?.(match.routeKey, { method, target: url, headers, body });
    if (authorizer === 401) return sendMessage(response, 401, 'Unauthorized');
    if (authorizer === 403) return sendMessage(response, 403, 'Forbidden');

    const event = createEvent({ request, ...target, ...match, body, requestId, receivedAt });
    const { requestContext } = event;
    const authorized = authorizer ? { ...event, requestContext: { ...requestContext, authorizer } } : event;
    const result = await invoke(authorized).catch(() => undefined); // The function logs its own errors.
    sendResult(response, result, corsHeaders(cors, request.method ?? '', request.headers));
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

/** Any result but a structured response with a text body is answered 500. */
const sendResult = (response: ServerResponse, result: unknown, added: Record<string, string>) => {
  const { data } = functionResponse.safeParse(result);
  if (!data) return sendMessage(response, 500, 'Internal Server Error');
  const { statusCode, headers = {}, body = '' } = data;
  response.setHeader('content-type', 'text/plain;charset=utf-8');
  for (const [name, value] of Object.entries({ ...headers, ...added }))
    response.setHeader(name, String(value));
  response.writeHead(statusCode).end(body);
};
