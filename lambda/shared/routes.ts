/** The routes of the HTTP API. API Gateway sends every other request to `$default`. */
export const ROUTES = [
  'POST /photo-avatars',
  'GET /photo-avatars',
  'GET /photo-avatars/{id}',
  'POST /photo-avatars/{id}/resolution',
  'POST /photo-avatars/{id}/refresh',
  'GET /account',
  'PATCH /account',
  'GET /openapi.json',
] as const;

export type RouteKey = (typeof ROUTES)[number];

export const DEFAULT_ROUTE = '$default';

/**
 * The alias by which API Gateway, and nothing else, invokes the api function. Direct callers invoke the function without
 * an alias, so they cannot pass an event of their own off as a request that API Gateway authorized.
 */
export const HTTP_ALIAS = 'http';
