import * as z from 'zod/mini';

/** The value in a text, or `undefined` if that is not JSON, or not of this form. */
export const valueIn = <Schema extends z.core.$ZodType>(
  schema: Schema,
  text: string,
): z.output<Schema> | undefined => {
  try {
    return z.safeParse(schema, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
