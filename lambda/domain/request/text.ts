import * as z from 'zod/mini';

/**
 * Whether a text arrived as it was meant. U+FFFD replaces bytes that are not UTF-8. Half of a surrogate pair becomes
 * U+FFFD as soon as the text is stored or sent.
 */
export const isIntact = (text: string): boolean => text.isWellFormed() && !text.includes('\ufffd');

export const NOT_INTACT = 'must be valid Unicode, without U+FFFD: send the text again as UTF-8';

/** Whether a text has at most this many characters. JSON Schema counts characters, and `length` counts UTF-16 units. */
export const hasAtMost = (limit: number, text: string): boolean =>
  text.length <= limit || (text.length <= 2 * limit && [...text].length <= limit);

/** What `trim` removes, by code point: `\s` has another meaning in other languages. For a class of a pattern. */
const BLANK = String.raw`\u0009-\u000D\u0020\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF`;

/** A character that is not blank, and no U+FFFD. */
const READABLE = String.raw`^[^\uFFFD]*[^${BLANK}\uFFFD][^\uFFFD]*$`;

export interface ReadableText {
  /** Maximum length in characters, blank ones at the ends included. */
  readonly limit: number;
  readonly description: string;
  /** The error of a text without a readable character. */
  readonly blank: string;
}

/** A text of a person, without the blank characters at its ends. */
export const readableText = ({ limit, description, blank }: ReadableText) =>
  z.string().check(
    z.refine((text) => hasAtMost(limit, text), `must be at most ${limit} characters`),
    z.trim(),
    z.refine((text) => text !== '', blank),
    z.refine(isIntact, NOT_INTACT),
    // For the API's description: the checks above, as JSON Schema has them.
    z.meta({ description, pattern: READABLE, maxLength: limit }),
  );
