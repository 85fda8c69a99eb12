import type { Problem } from '../views/schemas.ts';

/**
 * All problems by their stable names, which end a problem's `type`.
 * Source: https://www.rfc-editor.org/rfc/rfc9457
 */
export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'Invalid JSON' },
  'invalid-parameter': { status: 400, title: 'Invalid query parameter' },
  'invalid-header': { status: 400, title: 'Invalid header' },
  'invalid-request': { status: 422, title: 'Invalid request' },
  'caller-not-identified': { status: 403, title: 'Caller not identified' },
  'other-caller': { status: 403, title: 'Record of another caller' },
  'not-found': { status: 404, title: 'Photo avatar not found' },
  'route-not-found': { status: 404, title: 'Route not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'idempotency-key-reused': { status: 409, title: 'Idempotency-Key reused for another request' },
  'not-cancellable': { status: 409, title: 'Not cancellable' },
  'not-erasable': { status: 409, title: 'Not erasable' },
  'not-refreshable': { status: 409, title: 'Not refreshable' },
  'outdated-version': { status: 409, title: 'Outdated version' },
  'not-resolvable': { status: 409, title: 'Not resolvable' },
  'body-too-large': { status: 413, title: 'Body too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'insufficient-credit': { status: 402, title: 'Insufficient JoggAI credit' },
  'no-permission': { status: 502, title: 'No permission at JoggAI' },
  'invalid-api-key': { status: 502, title: 'API key refused by JoggAI' },
  'rejected-by-joggai': { status: 422, title: 'JoggAI rejected the parameters' },
  'joggai-error': { status: 502, title: 'JoggAI error' },
  'in-doubt': { status: 504, title: 'Outcome unknown' },
  paused: { status: 503, title: 'Calls to JoggAI paused' },
  'daily-limit-reached': { status: 429, title: 'Daily limit reached' },
  'caller-limit-reached': { status: 429, title: 'Daily limit of the caller reached' },
  'api-key-missing': { status: 503, title: 'JoggAI API key missing' },
  'not-recorded': { status: 500, title: 'Outcome not recorded' },
  'unreadable-item': { status: 500, title: 'Unreadable ledger item' },
  unavailable: { status: 503, title: 'Service unavailable' },
} as const;

export type ProblemName = keyof typeof PROBLEMS;

const TYPE_PREFIX = 'urn:photo-avatars:problem:';

export const problemType = (name: ProblemName): string => `${TYPE_PREFIX}${name}`;

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export const json = (
  statusCode: number,
  value: unknown,
  headers: Record<string, string> = {},
): HttpResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
});

/** The response for a problem. */
export const problemResponse = (
  name: ProblemName,
  detail: string,
  extra: Pick<Problem, 'errors' | 'record'> = {},
  headers: Record<string, string> = {},
): HttpResponse => {
  const { status, title } = PROBLEMS[name];
  const body: Problem = { type: problemType(name), title, status, detail, ...extra };
  return json(status, body, { 'content-type': 'application/problem+json', ...headers });
};

/** Thrown where a request turns out to be invalid; carries the response. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly response: HttpResponse;

  constructor(...problemParts: Parameters<typeof problemResponse>) {
    super(problemParts[0]);
    this.response = problemResponse(...problemParts);
  }
}
