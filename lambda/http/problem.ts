import type { Problem } from './schemas.ts';

/**
 * Everything that can be wrong, by its stable name: the end of a problem's `type`.
 * Source: https://www.rfc-editor.org/rfc/rfc9457
 */
export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'The body is not JSON' },
  'invalid-parameter': { status: 400, title: 'A query parameter is not valid' },
  'invalid-header': { status: 400, title: 'A header is not valid' },
  'invalid-request': { status: 422, title: 'The request is not valid' },
  'not-found': { status: 404, title: 'There is no such photo avatar' },
  'route-not-found': { status: 404, title: 'There is nothing at this path' },
  'method-not-allowed': { status: 405, title: 'This path does not know that method' },
  'idempotency-key-reused': { status: 409, title: 'The Idempotency-Key belongs to another request' },
  'not-settleable': { status: 409, title: 'There is nothing for a person to settle' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not declared as JSON' },
  'insufficient-credit': { status: 402, title: 'The JoggAI account has no credit left' },
  'no-permission': { status: 502, title: 'The JoggAI account may not call the API' },
  'invalid-api-key': { status: 502, title: 'JoggAI refuses the API key' },
  'rejected-by-joggai': { status: 422, title: 'JoggAI calls the request wrong' },
  'joggai-error': { status: 502, title: 'JoggAI failed' },
  'in-doubt': { status: 504, title: 'Nobody knows whether JoggAI took the request' },
  paused: { status: 503, title: 'All calls to JoggAI are paused' },
  'daily-limit': { status: 429, title: "Today's limit of paid calls is reached" },
  'api-key-missing': { status: 503, title: 'There is no JoggAI API key to call with' },
  'not-recorded': { status: 500, title: 'The outcome could not be recorded' },
  unavailable: { status: 503, title: 'The service cannot do its work right now' },
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

/** An error as it goes back to the caller. */
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

/** Ends the handling of a request at the place where it turns out to be wrong. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly response: HttpResponse;

  constructor(...problemParts: Parameters<typeof problemResponse>) {
    super(problemParts[0]);
    this.response = problemResponse(...problemParts);
  }
}
