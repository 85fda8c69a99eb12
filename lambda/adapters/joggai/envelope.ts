import * as z from 'zod/mini';
import { parseJson } from '../../shared/parse-json.ts';

/** The envelope of every JoggAI answer. Only `code` is required. */
export const envelope = <Fields extends z.core.$ZodLooseShape>(fields: Fields) =>
  z.object({
    code: z.int(),
    msg: z.catch(z.string(), ''),
    /** JoggAI's id of the request, if any. It is logged, so it must look like an id. */
    rid: z.catch(z.optional(z.string().check(z.regex(/^[\w.:-]{1,200}$/))), undefined),
    ...fields,
  });

/** Characters of a JoggAI message that are kept: a DynamoDB item holds 400 kB. */
const MAX_MESSAGE = 1_000;

/** JoggAI's message as it may be stored: shortened. */
export const shortened = (message: string): string => message.slice(0, MAX_MESSAGE);

/** The text without the API key, as it is and as a part of a URL. */
export const withoutKey = (text: string, apiKey: string): string =>
  text.replaceAll(apiKey, '(the API key)').replaceAll(encodeURIComponent(apiKey), '(the API key)');

/** An id that JoggAI wrote as a number. As a JavaScript number, a long one would lose its last digits. */
const NUMERIC_ID = /^[1-9]\d*$/;

/**
 * Reads JoggAI's answer, or returns `undefined` if it is not JSON or does not match the schema. Every text is without
 * the API key, which JoggAI may repeat anywhere. Everything that is kept or logged of an answer comes from here.
 */
export const readAnswer = <Schema extends z.core.$ZodType>(
  schema: Schema,
  body: string,
  apiKey: string,
): z.output<Schema> | undefined =>
  parseJson(schema, body, (name, value, { source = '' }) => {
    const isId = name === 'photo_id' && typeof value === 'number' && NUMERIC_ID.test(source);
    const read = isId ? source : value;
    return typeof read === 'string' ? withoutKey(read, apiKey) : read;
  });
