import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));
const count = z.coerce.number().check(z.int(), z.minimum(1));

/**
 * What every function is told by its environment. The constructs set it from the same type, so a variable
 * cannot be read that nobody sets.
 */
export const functionEnvironment = z.object({
  /** Name of the ledger's DynamoDB table. */
  LEDGER_TABLE: text,
  /** ARN or name of the secret that holds the JoggAI API key. */
  API_KEY_SECRET: text,
  /** Origin of JoggAI's API, without a path. */
  JOGGAI_BASE_URL: z.url({ protocol: /^https?$/ }),
  /** How many paid calls JoggAI takes in one window. */
  JOGGAI_CALLS_PER_WINDOW: count.check(z.maximum(1_000)),
  /** JoggAI's window, in seconds. Something other than 60 only where a simulator is scaled likewise. */
  JOGGAI_WINDOW_SECONDS: z.coerce.number().check(z.positive()),
  /** Most paid calls a day (UTC). */
  DAILY_CALL_LIMIT: count,
  /** How long a generation is followed, in minutes. */
  GENERATION_TIMEOUT_MINUTES: z.coerce.number().check(z.positive()),
  /** Name of the bucket in which copies of pictures lie. */
  IMAGE_BUCKET: text,
  /** Address under which objects of the bucket are found, without a slash at the end. */
  IMAGE_ORIGIN: z.url({ protocol: /^https?$/ }),
  /** Hosts that pictures may be copied from, separated by commas. */
  IMAGE_HOSTS: z.pipe(
    z.string(),
    z.transform((hosts) => hosts.split(',').map((host) => host.trim())),
  ),
  /** Name or ARN of the bus on which results are announced. */
  EVENT_BUS: text,
  /**
   * Milliseconds to wait for a connection, for an answer of AWS to one attempt, and for the warm-up at a function's
   * start. Absent: what suits AWS's network.
   * Set where the functions share one machine with everything that they call.
   */
  REMOTE_TIMEOUT_MS: z.optional(count),
  /** Set by Lambda. */
  AWS_REGION: text,
  /** The one dimension of every metric, and the name in every log line. Read by Powertools itself, too. */
  POWERTOOLS_SERVICE_NAME: text,
  /** Days a finished record is kept. Absent: for ever. The table deletes by LEDGER_SCHEMA's `timeToLive`. */
  RETENTION_DAYS: z.optional(count),
});

/** The variables as the constructs write them: all text. */
export type FunctionEnvironment = Omit<
  { [Name in keyof z.input<typeof functionEnvironment>]: string },
  'AWS_REGION'
>;

/**
 * Reads and checks the variables a function needs, once, while it starts.
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
  throw new Error(`This function's environment is not as its construct sets it. ${problems.join('; ')}`);
};
