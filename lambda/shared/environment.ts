import * as z from 'zod/mini';
import { MAX_CALLS_PER_CALLER } from './limits.ts';

const text = z.string().check(z.minLength(1));
const count = z.coerce.number().check(z.int(), z.minimum(1));

/**
 * The environment variables of the functions. The constructs set them from the same type, so every variable that is
 * read is also set.
 */
export const functionEnvironment = z.object({
  /** Name of the ledger's DynamoDB table. */
  LEDGER_TABLE: text,
  /** ARN or name of the secret that holds the JoggAI API key. */
  API_KEY_SECRET: text,
  /** Origin of JoggAI's API, without a path. */
  JOGGAI_BASE_URL: z.url({ protocol: /^https?$/ }),
  /** Paid calls that JoggAI accepts in one window. */
  JOGGAI_CALLS_PER_WINDOW: count.check(z.maximum(1_000)),
  /** JoggAI's window, in seconds. Other than 60 only with a simulator of the same window. */
  JOGGAI_WINDOW_SECONDS: z.coerce.number().check(z.positive()),
  /** Maximum of paid calls a day (UTC). */
  DAILY_CALL_LIMIT: count,
  /** Maximum of paid calls a day (UTC) for each caller. Absent: no limit. */
  DAILY_CALL_LIMIT_PER_CALLER: z.optional(count.check(z.maximum(MAX_CALLS_PER_CALLER))),
  /** How long a generation is polled, in minutes. */
  GENERATION_TIMEOUT_MINUTES: z.coerce.number().check(z.positive()),
  /** Name of the bucket of the image copies. */
  IMAGE_BUCKET: text,
  /** Origin of the bucket's objects, without a trailing slash. */
  IMAGE_ORIGIN: z.url({ protocol: /^https?$/ }),
  /** Hosts that images may be copied from, separated by commas. */
  IMAGE_HOSTS: z.pipe(
    z.string(),
    z.transform((hosts) => hosts.split(',').map((host) => host.trim())),
  ),
  /** Name or ARN of the bus on which results are published. */
  EVENT_BUS: text,
  /**
   * Time limit in milliseconds for a connection, for one attempt of an AWS call, and for the warm-up. Absent: limits
   * for AWS's network. Set where the functions share one machine with everything that they call.
   */
  REMOTE_TIMEOUT_MS: z.optional(count),
  /** ARN of the queue that only the service's event rule sends to. */
  EVENT_QUEUE_ARN: text,
  /** Set by Lambda. */
  AWS_REGION: text,
  /** The only dimension of every metric, and the service in every log line. Powertools reads it, too. */
  POWERTOOLS_SERVICE_NAME: text,
  /** Days that a finished record is kept. Absent: for ever. The table deletes by LEDGER_SCHEMA's `timeToLive`. */
  RETENTION_DAYS: z.optional(count),
  /** Present: a submitter reads only its own records. */
  OWN_RECORDS_ONLY: z.optional(z.literal('true')),
});

/** The variables as the constructs set them: all text. */
export type FunctionEnvironment = Omit<
  { [Name in keyof z.input<typeof functionEnvironment>]: string },
  'AWS_REGION'
>;

/**
 * Reads and validates the environment variables, once, while a function starts.
 *
 * @throws Error naming each variable that is missing or malformed, never its value.
 */
export const readEnvironment = <Schema extends z.ZodMiniObject>(
  schema: Schema,
  variables: NodeJS.ProcessEnv = process.env,
): z.infer<Schema> => {
  const read = schema.safeParse(variables);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Invalid environment variables. ${problems.join('; ')}`);
};
