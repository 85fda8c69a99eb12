import * as z from 'zod/mini';

/** Changes a value as it is parsed. `source` is the text of a number, a boolean or `null`, or a quoted string. */
export type Reviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Parses JSON text, or returns `undefined` if it is not JSON or does not match the schema. */
export const parseJson = <Schema extends z.core.$ZodType>(
  schema: Schema,
  text: string,
  reviver?: Reviver,
): z.output<Schema> | undefined => {
  try {
    // TypeScript does not know the third parameter yet.
    const value: unknown = JSON.parse(
      text,
      reviver as ((name: string, value: unknown) => unknown) | undefined,
    );
    return z.safeParse(schema, value).data;
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
