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
