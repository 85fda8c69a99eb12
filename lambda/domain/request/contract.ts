import * as z from 'zod/mini';
import { hasAtMost, readableText } from './text.ts';

/**
 * Maximum length of `background` and `appearance`, in characters. JoggAI documents no limit. This one is far above any
 * useful description, and keeps a ledger item small.
 */
export const FREE_TEXT_LIMIT = 2_000;

/** Maximum length of `image_url`, in characters: long enough for a presigned S3 link. */
export const URL_LIMIT = 4_096;

const freeText = (description: string) =>
  z.optional(
    readableText({
      limit: FREE_TEXT_LIMIT,
      description,
      blank: 'must not be empty: omit the field instead',
    }),
  );

/** What a URL parser removes or rewrites: whitespace, control and format characters, and backslashes. Also U+FFFD. */
const REWRITTEN = /[\s\p{C}\\\ufffd]/u;

/** With a host: the parser reads `http:///x` as `http://x`. */
const HTTP_URL = /^https?:\/\/[^/?#]/i;

/**
 * The same for JSON Schema, as far as a pattern can say it: a URL parser refuses some hosts and ports, too. `\p{C}` is
 * written out, because not every language has it in patterns.
 */
const REWRITTEN_CHARACTERS = String.raw`\u0000-\u0020\\\u007F-\u00A0\u00AD\u1680\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF\uFFFD`;
const HTTP_URL_PATTERN = `^[Hh][Tt][Tt][Pp][Ss]?://[^/?#${REWRITTEN_CHARACTERS}][^${REWRITTEN_CHARACTERS}]*$`;

/** Whether JoggAI, which gets the text as it is, reads the same URL as this service. */
const isHttpUrl = (text: string): boolean =>
  HTTP_URL.test(text) && !REWRITTEN.test(text) && URL.canParse(text);

const explainUrl = (input: unknown): string =>
  typeof input === 'string' && HTTP_URL.test(input) && REWRITTEN.test(input)
    ? 'must not contain spaces, line breaks, control characters or backslashes: percent-encode them'
    : 'must be an http or https URL';

/**
 * One request for a photo avatar, with exactly the fields of JoggAI's OpenAPI document
 * (`POST /v2/photo_avatar/photo/generate`). Unknown fields are refused, because a misspelt option would be paid for
 * without effect.
 */
export const photoAvatarRequest = z
  .strictObject({
    age: z.enum(['Teenager', 'Young adult', 'Adult', 'Elderly']).check(z.describe('Age group.')),
    avatar_style: z.enum(['Professional', 'Social']).check(z.describe('Style category.')),
    gender: z.enum(['Female', 'Male']).check(z.describe('Gender.')),
    model: z.enum(['classic', 'modern']).check(z.describe('Photo generation model.')),
    aspect_ratio: z.enum(['portrait', 'landscape', 'square']).check(z.describe('Aspect ratio of the photo.')),
    ethnicity: z.optional(
      z
        .enum([
          'European',
          'African',
          'South Asian',
          'East Asian',
          'Middle Eastern',
          'South American',
          'North American',
        ])
        .check(z.describe('Ethnicity.')),
    ),
    background: freeText('What is behind the person.'),
    appearance: freeText('What the person looks like and wears.'),
    image_url: z.optional(
      z.string().check(
        z.refine(isHttpUrl, { error: ({ input }) => explainUrl(input) }),
        z.refine((text) => hasAtMost(URL_LIMIT, text), `must be at most ${URL_LIMIT} characters`),
        z.meta({
          format: 'uri',
          pattern: HTTP_URL_PATTERN,
          maxLength: URL_LIMIT,
          description: 'Reference image that JoggAI can download. It is passed on exactly as it is.',
        }),
      ),
    ),
  })
  .check(z.meta({ id: 'PhotoAvatarRequest', description: 'A request for a photo avatar.' }));

export type PhotoAvatarRequest = z.infer<typeof photoAvatarRequest>;

/** The names of all fields of a request. */
export const REQUEST_FIELDS: readonly string[] = Object.keys(photoAvatarRequest.shape);

/** An error of one field. `field` is `body` if it concerns the whole value. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export type ReadRequest =
  | { readonly kind: 'valid'; readonly request: PhotoAvatarRequest }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Validates a value against the contract and reports all errors at once. */
export const readRequest = (value: unknown): ReadRequest => {
  const read = photoAvatarRequest.safeParse(value, { reportInput: true });
  return read.success
    ? { kind: 'valid', request: read.data }
    : { kind: 'invalid', errors: read.error.issues.flatMap(explain) };
};

const explain = (issue: z.core.$ZodIssue): FieldError[] => {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: key, message: explainUnknownField(key) }));
  }
  const field = issue.path.join('.') || 'body';
  if (issue.code === 'invalid_value') {
    return [{ field, message: explainChoice(issue.values.map(String), issue.input) }];
  }
  if (issue.code === 'invalid_type') {
    const message = issue.input === undefined ? 'is required' : `must be ${article(issue.expected)}`;
    return [{ field, message }];
  }
  return [{ field, message: issue.message }];
};

const article = (type: string): string =>
  type === 'object' ? 'a JSON object with the fields of the request' : `a ${type}`;

const explainChoice = (allowed: readonly string[], input: unknown): string => {
  const choices = `must be one of ${allowed.map((value) => `"${value}"`).join(', ')}`;
  if (input === undefined) return `is required and ${choices}`;
  const meant = allowed.find((value) => typeof input === 'string' && plain(value) === plain(input));
  return meant ? `${choices}: did you mean "${meant}"? Case and spaces count` : choices;
};

/** Other names that callers use for a field, including those of JoggAI's curl example, which contradicts its schema. */
const OTHER_NAMES = new Map<string, keyof PhotoAvatarRequest>([
  ['photourl', 'image_url'],
  ['photo', 'image_url'],
  ['image', 'image_url'],
  ['style', 'avatar_style'],
  ['ratio', 'aspect_ratio'],
  ['agegroup', 'age'],
  ['description', 'appearance'],
]);

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

const explainUnknownField = (key: string): string => {
  const meant = REQUEST_FIELDS.find((field) => plain(field) === plain(key)) ?? OTHER_NAMES.get(plain(key));
  return meant
    ? `is not a field of this request: the field is "${meant}"`
    : `is not a field of this request; its fields are ${REQUEST_FIELDS.join(', ')}`;
};
