import * as z from 'zod/mini';

/** The envelope of every JoggAI answer. Only `code` is required. */
export const envelope = <Fields extends z.core.$ZodLooseShape>(fields: Fields) =>
  z.object({
    code: z.int(),
    msg: z.catch(z.string(), ''),
    /** JoggAI's id of the request, if any. */
    rid: z.catch(z.optional(z.string().check(z.maxLength(200))), undefined),
    ...fields,
  });

/** Characters of a JoggAI message that are kept: a DynamoDB item holds 400 kB. */
const MAX_MESSAGE = 1_000;

/** JoggAI's message as it may be stored and shown: shortened, and without the API key, which it may repeat. */
export const presentable = (message: string, apiKey: string): string =>
  message.replaceAll(apiKey, '(the API key)').slice(0, MAX_MESSAGE);
