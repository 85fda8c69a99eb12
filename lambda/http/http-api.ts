import type { Invocation } from '../domain/ports.ts';
import { UnreadableItem } from '../domain/unreadable-item.ts';
import { PREFLIGHT_ROUTE, ROUTES } from '../shared/routes.ts';
import { callerOf, type HttpEvent } from './event.ts';
import { requireOwnRecord } from './own-record.ts';
import { type HttpResponse, json, ProblemError, problemResponse } from './problem.ts';
import { readQuery } from './read-event.ts';
import {
  type AccountCheckPorts,
  type AccountRoutePorts,
  accountRoutes,
  createAccountCheck,
} from './routes/account.ts';
import { type DecisionRoutePorts, decisionRoutes } from './routes/decisions.ts';
import { type RecordRoutePorts, recordRoutes } from './routes/records.ts';
import type { Routes } from './routes/route.ts';
import { type SubmissionRoutePorts, submissionRoutes } from './routes/submission.ts';

export type HttpApiPorts = SubmissionRoutePorts &
  RecordRoutePorts &
  DecisionRoutePorts &
  AccountRoutePorts &
  AccountCheckPorts & {
    /** Whether a submitter reads only its own records. */
    readonly ownRecordsOnly: boolean;
  };

type HttpApi = (event: HttpEvent, invocation: Invocation) => Promise<HttpResponse>;

/** Answers every request of the HTTP API. Errors of the caller become problem responses; all others are thrown. */
export const createHttpApi = (ports: HttpApiPorts): HttpApi => {
  const checkAccount = createAccountCheck(ports);
  const routes: Routes<(typeof ROUTES)[number]> = {
    ...submissionRoutes(ports, checkAccount),
    ...recordRoutes(ports),
    ...decisionRoutes(ports),
    ...accountRoutes(ports, checkAccount),

    'GET /all-callers/photo-avatars/{id}': (...request) => routes['GET /photo-avatars/{id}'](...request),
    'POST /all-callers/photo-avatars/{id}/cancellation': (...request) =>
      routes['POST /photo-avatars/{id}/cancellation'](...request),

    async 'GET /openapi.json'(event) {
      readQuery(event, []);
      // Loaded on demand: it is large and rarely requested.
      const { default: document } = await import('#openapi.json', { with: { type: 'json' } });
      return json(200, document);
    },
  };

  return async (event, invocation) => {
    // A preflight request has no authorization, so its answer depends on nothing. API Gateway adds the headers.
    if (event.routeKey === PREFLIGHT_ROUTE) return { statusCode: 204, headers: {}, body: '' };
    try {
      // Also for routes that do not use the caller: a token is accepted by all routes or by none.
      const caller = callerOf(event);
      const routeKey = ROUTES.find((known) => known === event.routeKey);
      if (!routeKey) throw noRoute(event);
      if (ports.ownRecordsOnly) await requireOwnRecord(ports.ledger, routeKey, event, caller);
      return await routes[routeKey](event, invocation, caller);
    } catch (error) {
      if (error instanceof ProblemError) return error.response;
      if (error instanceof UnreadableItem) return problemResponse('unreadable-item', error.message);
      throw error;
    }
  };
};

/** The problem of a request without a route: unknown path, or unknown method of a known path. */
const noRoute = ({ requestContext: { http }, rawPath }: HttpEvent): ProblemError => {
  const methods = ROUTES.map((key) => key.split(' ') as [method: string, path: string])
    .filter(([, path]) => new RegExp(`^${path.replace(/\{\w+\}/, '[^/]+')}$`).test(rawPath))
    .map(([method]) => method);
  return methods.length === 0
    ? new ProblemError('route-not-found', 'See GET /openapi.json for all routes.')
    : new ProblemError(
        'method-not-allowed',
        `${http.method} is not allowed on this path. Allowed: ${methods.join(', ')}.`,
        {},
        { allow: methods.join(', ') },
      );
};
