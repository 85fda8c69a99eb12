import * as z from 'zod/mini';

/** The envelope of every JoggAI answer. Read leniently: only `code` makes it readable. */
export const envelope = <Fields extends z.core.$ZodLooseShape>(fields: Fields) =>
  z.object({
    code: z.int(),
    msg: z.catch(z.string(), ''),
    /** JoggAI's own id of the request, where it gives one. */
    rid: z.catch(z.optional(z.string().check(z.maxLength(200))), undefined),
    ...fields,
  });

/** The longest of JoggAI's messages that is kept, in characters: an item of the ledger has an end. */
const LONGEST_MESSAGE = 1_000;

/** JoggAI's words as they may be kept and shown: cut short, and without the key, which they may repeat. */
export const presentable = (message: string, apiKey: string): string =>
  message.replaceAll(apiKey, '(the API key)').slice(0, LONGEST_MESSAGE);
