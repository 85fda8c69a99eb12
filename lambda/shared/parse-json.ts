import * as z from 'zod/mini';

/** Parses JSON text, or returns `undefined` if it is not JSON or does not match the schema. */
export const parseJson = <Schema extends z.core.$ZodType>(
  schema: Schema,
  text: string,
): z.output<Schema> | undefined => {
  try {
    return z.safeParse(schema, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export interface JsonText {
  readonly value: unknown;
  /** The first name that an object in the text gives more than once. */
  readonly repeated?: string | undefined;
}

/**
 * Reads JSON text, or returns `undefined` if it is not JSON. `JSON.parse` alone keeps the last of two fields with the
 * same name, which may not be the one that was meant.
 */
export const readJsonText = (text: string): JsonText | undefined => {
  try {
    return { value: JSON.parse(text), repeated: repeatedName(text) };
  } catch {
    return undefined;
  }
};

/** A string, which is a name if a colon follows, or the start or end of an object or a list. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g;

/** @param text valid JSON */
const repeatedName = (text: string): string | undefined => {
  /** The names of each object that is open, and `undefined` for each list. */
  const open: (Set<string> | undefined)[] = [];
  for (const [token, string, colon] of text.matchAll(TOKEN)) {
    if (string === undefined) {
      if (token === '{') open.push(new Set());
      else if (token === '[') open.push(undefined);
      else open.pop();
    } else if (colon !== undefined) {
      const name: string = JSON.parse(string);
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
};
