import type { ServerResponse } from 'node:http';
import { PROBLEM_TYPE_PREFIX } from '../../client/failure.ts';
import { errorName } from '../../lambda/shared/error-name.ts';

/** Headers of every answer, errors included. */
const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** @param pictureSources where the copies of images are: CSP sources, such as an origin */
const policyOf = (pictureSources: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    ["img-src 'self'", ...pictureSources].join(' '),
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');

/** Sets the headers that protect the page. A route may replace the policy. */
export const protect = (response: ServerResponse, pictureSources: readonly string[]): void => {
  for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value);
  response.setHeader('content-security-policy', policyOf(pictureSources));
};

/** Errors of this server, in the form of the API's problems. */
const PROBLEMS = {
  'invalid-parameter': { status: 400, title: 'Invalid query parameter' },
  'invalid-json': { status: 400, title: 'Unreadable body' },
  'token-required': { status: 401, title: 'Token required' },
  'foreign-request': { status: 403, title: 'Request from elsewhere' },
  'route-not-found': { status: 404, title: 'Route not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'body-too-large': { status: 413, title: 'Body too large' },
  'page-failed': { status: 500, title: 'Error of the server of this page' },
  credentials: { status: 502, title: 'No credentials for the service' },
  unavailable: { status: 502, title: 'Service unavailable' },
} as const;

export type PageProblem = keyof typeof PROBLEMS;

/** Ends a request with a problem. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly problem: PageProblem;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what is wrong and what to do, for people */
  constructor(problem: PageProblem, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.problem = problem;
    this.headers = headers;
  }
}

/** Sends the problem of an error. Of any other error than a PageError only the name: its message may repeat a secret. */
export const sendError = (response: ServerResponse, error: unknown): void => {
  // The client is gone, or has half of an answer.
  if (response.headersSent || response.destroyed) response.destroy();
  else if (error instanceof PageError) sendProblem(response, error.problem, error.message, error.headers);
  else sendProblem(response, 'page-failed', `The request was not answered (${errorName(error)}). Try again.`);
};

export const sendProblem = (
  response: ServerResponse,
  name: PageProblem,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const { status, title } = PROBLEMS[name];
  response
    .writeHead(status, { 'content-type': 'application/problem+json', ...headers })
    .end(JSON.stringify({ type: `${PROBLEM_TYPE_PREFIX}${name}`, title, status, detail }));
};

export const sendValue = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};
