/** The routes of the HTTP API. API Gateway sends every other request to `$default`. */
export const ROUTES = [
  'POST /photo-avatars',
  'GET /photo-avatars',
  'GET /photo-avatars/{id}',
  'GET /all-callers/photo-avatars/{id}',
  'DELETE /photo-avatars/{id}',
  'POST /photo-avatars/{id}/cancellation',
  'POST /all-callers/photo-avatars/{id}/cancellation',
  'POST /photo-avatars/{id}/resolution',
  'POST /photo-avatars/{id}/refresh',
  'GET /account',
  'PATCH /account',
  'GET /openapi.json',
] as const;

export type RouteKey = (typeof ROUTES)[number];

export const DEFAULT_ROUTE = '$default';

/**
 * Answers preflight requests, which carry no token. It exists only with CORS: the default route would match them, too,
 * and its authorizer would refuse them.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export const PREFLIGHT_ROUTE = 'OPTIONS /{proxy+}';

/** A role of callers: what an IAM grant of the construct or a JWT scope allows. */
export const ROLES = ['submitter', 'reader', 'operator'] as const;
export type Role = (typeof ROLES)[number];

const OPERATOR = ['operator'] as const;
const READERS = ['reader', 'operator'] as const;

/** The roles that may call each route. Grants, scopes and the API's description derive from it. */
export const ROLES_OF: Record<RouteKey, readonly Role[]> = {
  'POST /photo-avatars': ['submitter', 'operator'],
  'GET /photo-avatars': READERS,
  'GET /photo-avatars/{id}': ROLES,
  'GET /all-callers/photo-avatars/{id}': READERS,
  'DELETE /photo-avatars/{id}': OPERATOR,
  'POST /photo-avatars/{id}/cancellation': ['submitter', 'operator'],
  'POST /all-callers/photo-avatars/{id}/cancellation': OPERATOR,
  'POST /photo-avatars/{id}/resolution': OPERATOR,
  'POST /photo-avatars/{id}/refresh': OPERATOR,
  'GET /account': READERS,
  'PATCH /account': OPERATOR,
  'GET /openapi.json': ROLES,
};

/** The routes that a role may call. */
export const routesOf = (role: Role): RouteKey[] => ROUTES.filter((route) => ROLES_OF[route].includes(role));

/**
 * The routes that `ownRecordsOnly` limits to the caller's own records, each with its counterpart for the records of all
 * callers. API Gateway tells the function who calls, but not in which role: only the path distinguishes the roles.
 */
export const OWN_RECORD_ROUTES: Partial<Record<RouteKey, RouteKey>> = {
  'GET /photo-avatars/{id}': 'GET /all-callers/photo-avatars/{id}',
  'POST /photo-avatars/{id}/cancellation': 'POST /all-callers/photo-avatars/{id}/cancellation',
};

/**
 * The alias by which API Gateway, and nothing else, invokes the api function. Direct callers invoke the function without
 * an alias, so they cannot pass an event of their own off as a request that API Gateway authorized.
 */
export const HTTP_ALIAS = 'http';
