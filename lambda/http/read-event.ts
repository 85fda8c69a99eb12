import { readJsonText } from '../shared/parse-json.ts';
import type { HttpEvent } from './event.ts';
import { ProblemError } from './problem.ts';

/**
 * Maximum size of a body, in bytes. The largest valid request has 98 kB if every character is written as two JSON
 * escapes of 6 bytes, as some languages write emoji.
 */
export const MAX_BODY_BYTES = 128 * 1024;

/**
 * Reads the JSON value in a request's body.
 *
 * @throws ProblemError if the body is missing, too large, not JSON in UTF-8, or gives a name more than once
 */
export const readJson = (event: HttpEvent): unknown => {
  const contentType = event.headers['content-type'];
  if (contentType !== undefined && !/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType.trim())) {
    throw new ProblemError(
      'unsupported-media-type',
      `The content type is "${contentType}". Send JSON, with the header "Content-Type: application/json".`,
    );
  }
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    throw new ProblemError(
      'body-too-large',
      `The body has ${bytes.length} bytes; at most ${MAX_BODY_BYTES} are taken.`,
    );
  }
  if (bytes.length === 0) {
    throw new ProblemError(
      'invalid-json',
      'The body is empty. Send a JSON object with the fields of the request.',
    );
  }
  const text = utf8Of(bytes);
  if (text === undefined) {
    throw new ProblemError('invalid-json', 'The body is not UTF-8. Nothing was charged. Send JSON in UTF-8.');
  }
  const read = readJsonText(text);
  if (!read) throw new ProblemError('invalid-json', 'The body cannot be read as JSON. Nothing was charged.');
  const { value, repeated } = read;
  if (repeated !== undefined) {
    throw new ProblemError(
      'invalid-json',
      `The body gives "${repeated}" more than once. Nothing was charged. Send each field once.`,
      { errors: [{ field: repeated, message: 'is given more than once' }] },
    );
  }
  return value;
};

/**
 * Checks the body of a route that takes none: absent, or an empty object, which some clients always send.
 *
 * @throws ProblemError if it holds anything else
 */
export const requireNoBody = (event: HttpEvent): void => {
  if (event.body === undefined || event.body === '') return;
  const value = readJson(event);
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)
    return;
  throw new ProblemError('invalid-request', 'This route takes no body. Nothing was changed.', {
    errors: [{ field: 'body', message: 'must be empty' }],
  });
};

const utf8Of = (bytes: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * Visible ASCII without quotes and commas. A comma is how a header that was sent twice arrives; quotes are
 * those of a structured field and do not count.
 */
export const IDEMPOTENCY_KEY = /^(?:"([\x21\x23-\x2b\x2d-\x7e]{1,255})"|([\x21\x23-\x2b\x2d-\x7e]{1,255}))$/;

/**
 * The `Idempotency-Key` header, if there is one.
 * Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 *
 * @throws ProblemError if it is malformed
 */
export const readIdempotencyKey = (event: HttpEvent): string | undefined => {
  const header = event.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const match = IDEMPOTENCY_KEY.exec(header.trim());
  const key = match?.[1] ?? match?.[2];
  if (key === undefined) {
    throw new ProblemError(
      'invalid-header',
      'Idempotency-Key must be 1 to 255 visible ASCII characters, without commas, quotes or spaces inside, and be sent once.',
      { errors: [{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }] },
    );
  }
  return key;
};

/** Whether the caller prefers an asynchronous response. Source: https://www.rfc-editor.org/rfc/rfc7240#section-4.1 */
export const prefersAsync = (event: HttpEvent): boolean =>
  (event.headers.prefer ?? '')
    .split(',')
    .some((preference) => preference.trim().toLowerCase() === 'respond-async');

/**
 * Reads the query parameters of a route. An unknown one is refused, because a misspelt `dry_run` would be paid for.
 *
 * @throws ProblemError naming the parameter
 */
export const readQuery = <Name extends string>(
  event: HttpEvent,
  known: readonly Name[],
): Partial<Record<Name, string>> => {
  const query = event.queryStringParameters ?? {};
  for (const name of Object.keys(query)) {
    if (known.some((knownName) => knownName === name)) continue;
    throw invalidParameter(
      name,
      known.length === 0 ? 'this route takes no parameters' : `this route takes ${known.join(', ')}`,
    );
  }
  return Object.fromEntries(
    known.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  ) as Partial<Record<Name, string>>;
};

export const invalidParameter = (field: string, message: string): ProblemError =>
  new ProblemError('invalid-parameter', `${field}: ${message}.`, { errors: [{ field, message }] });
