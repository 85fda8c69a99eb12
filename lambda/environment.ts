import * as z from 'zod';

/**
 * What every function is told by its environment. The constructs set it from the same type, so a variable
 * cannot be read that nobody sets.
 */
export const functionEnvironment = z.object({
  /** Name of the ledger's DynamoDB table. */
  LEDGER_TABLE: z.string().min(1),
  /** ARN or name of the secret that holds the JoggAI API key. */
  API_KEY_SECRET: z.string().min(1),
  /** Origin of JoggAI's API, without a path. */
  JOGGAI_BASE_URL: z.url({ protocol: /^https?$/ }),
  /** How many paid calls JoggAI takes in one window. */
  JOGGAI_CALLS_PER_WINDOW: z.coerce.number().int().min(1).max(1_000),
  /** JoggAI's window, in seconds. Something other than 60 only where a simulator is scaled likewise. */
  JOGGAI_WINDOW_SECONDS: z.coerce.number().positive(),
  /** Most paid calls a day (UTC). */
  DAILY_CALL_LIMIT: z.coerce.number().int().min(1),
  /** How long a generation is followed, in minutes. */
  GENERATION_TIMEOUT_MINUTES: z.coerce.number().positive(),
  /** Name of the bucket in which copies of pictures lie. */
  IMAGE_BUCKET: z.string().min(1),
  /** Address under which objects of the bucket are found, without a slash at the end. */
  IMAGE_ORIGIN: z.url({ protocol: /^https?$/ }),
  /** Hosts that pictures may be copied from, separated by commas. */
  IMAGE_HOSTS: z.string().transform((hosts) => hosts.split(',').map((host) => host.trim())),
  /** Name or ARN of the bus on which results are announced. */
  EVENT_BUS: z.string().min(1),
  /** Set by Lambda. */
  AWS_REGION: z.string().min(1),
  /** The one dimension of every metric, and the name in every log line. Read by Powertools itself, too. */
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  /** Days a finished record is kept. Absent: for ever. The table deletes by LEDGER_SCHEMA's `timeToLive`. */
  RETENTION_DAYS: z.coerce.number().int().min(1).optional(),
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
export const readEnvironment = <Schema extends z.ZodObject>(
  schema: Schema,
  variables: NodeJS.ProcessEnv = process.env,
): z.infer<Schema> => {
  const read = schema.safeParse(variables);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`This function's environment is not as its construct sets it. ${problems.join('; ')}`);
};
