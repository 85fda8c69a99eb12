import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { DEFAULTS } from './defaults.ts';
import { nearest } from './nearest.ts';

// `-c name=value` hands over every value as a string; cdk.json may hold numbers and booleans.
const wholeNumber = (minimum: number, maximum: number) => {
  const error = `a whole number from ${minimum} to ${maximum}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int({ error }).min(minimum, { error }).max(maximum, { error }),
  );
};

const trueOrFalse = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean({ error: 'true or false' }),
);

const logRetentions = Object.values(RetentionDays).filter(
  (days) => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const webOrigin = (value: string): boolean => {
  const url = URL.parse(value);
  if (!url || url.origin !== value.replace(/\/$/, '')) return false;
  // The API key travels to this address, so it must not do so in the clear, except within one machine.
  return url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
};

const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

const listOf = (what: string) =>
  text(/^[^\s,]+(\s*,\s*[^\s,]+)*$/, `one ${what}, or several separated by commas`).transform((items) =>
    items.split(/\s*,\s*/),
  );

const busName = text(
  /^[\w./-]{1,256}$/,
  'the name of an event bus of this account: letters, digits and the characters . _ - /',
);

/** `res.jogg.ai`, or `*.jogg.ai` for all below it; in lower case, as addresses have it. */
const IMAGE_HOST = /^(\*\.[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(\.[a-z0-9-]+)*)$/;

const settings = z.strictObject({
  stage: text(
    /^[a-z][a-z0-9-]{0,19}$/,
    'up to 20 lower-case letters, digits and hyphens, starting with a letter',
  )
    .default('prod')
    .describe(
      'Names this deployment: the stack is called PhotoAvatars-<stage>, so several can live in one account.',
    ),
  alarmEmail: z
    .email({ error: 'an e-mail address' })
    .optional()
    .describe('Who gets the alarms by e-mail; without it, subscribe to the alarm topic yourself.'),
  jwtIssuer: z
    .url({ protocol: /^https$/, error: 'the https:// URL of an OpenID Connect issuer' })
    .optional()
    .describe('Lets callers in by the JWTs of this issuer instead of by IAM; needs jwtAudience.'),
  jwtAudience: listOf('audience')
    .optional()
    .describe('The audiences a JWT must have one of, separated by commas; needs jwtIssuer.'),
  joggaiBaseUrl: z
    .string({ error: 'an https:// origin without a path' })
    .refine(webOrigin, { error: 'an https:// origin without a path (http:// only for this machine)' })
    .transform((url) => url.replace(/\/$/, ''))
    .default(DEFAULTS.joggaiBaseUrl)
    .describe("Origin of JoggAI's API."),
  joggaiCallsPerMinute: wholeNumber(1, 1_000)
    .default(DEFAULTS.joggaiCallsPerMinute)
    .describe('How many paid calls JoggAI takes in a minute from your account.'),
  dailyCallLimit: wholeNumber(1, 1_000_000)
    .default(DEFAULTS.dailyCallLimit)
    .describe('Most paid calls in a day (UTC); what comes above is turned back or waits, and costs nothing.'),
  lowCreditThreshold: wholeNumber(0, 1_000_000)
    .default(DEFAULTS.lowCreditThreshold)
    .describe('Credits below which an alarm says that they run out; a paid call costs 0.2 of them.'),
  generationTimeoutMinutes: wholeNumber(5, 1_440)
    .default(DEFAULTS.generationTimeoutMinutes)
    .describe('Minutes for which JoggAI is asked about a generation until it counts as failed.'),
  imageHosts: listOf('host, as in res.jogg.ai or *.jogg.ai')
    .refine((hosts) => hosts.every((host) => IMAGE_HOST.test(host)), {
      error: 'hosts in lower case separated by commas, as in res.jogg.ai or *.jogg.ai',
    })
    .default([...DEFAULTS.imageHosts])
    .describe('Hosts that pictures are copied from, separated by commas; *. before a name: all below it.'),
  eventBusName: busName
    .optional()
    .describe('Event bus on which requests are looked for; without it, the default bus of the account.'),
  resultsBusName: busName
    .optional()
    .describe('Event bus on which results are announced; without it, the default bus of the account.'),
  eventSources: listOf('source')
    .optional()
    .describe(
      'Sources whose events are taken for requests, separated by commas; without it, all of the bus.',
    ),
  backlogAlarmMinutes: wholeNumber(1, 10_080)
    .default(DEFAULTS.backlogAlarmMinutes)
    .describe(
      'Minutes that a queued request may wait until an alarm says so; a long line at a low rate is no fault.',
    ),
  apiKeySecret: text(
    /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+|[\w/+=.@-]{1,512})$/,
    'the name or the ARN of a secret in Secrets Manager (never the key itself)',
  )
    .optional()
    .describe(
      'Name or ARN of an existing secret with the JoggAI API key; without it, an empty secret is created.',
    ),
  logRetentionDays: wholeNumber(1, 3653)
    .refine((days) => logRetentions.includes(days), { error: `one of ${logRetentions.join(', ')}` })
    .default(DEFAULTS.logRetentionDays)
    .describe('Days after which log lines are deleted.'),
  throttleRate: wholeNumber(1, 10_000)
    .default(DEFAULTS.throttleRate)
    .describe('Requests a second that the HTTP API takes over time, from all callers together.'),
  throttleBurst: wholeNumber(1, 5_000)
    .default(DEFAULTS.throttleBurst)
    .describe('Requests that the HTTP API takes at once, from all callers together.'),
  memorySize: wholeNumber(128, 10_240)
    .default(DEFAULTS.memorySize)
    .describe('Memory of a function in MB; its share of a CPU grows with it.'),
  retentionDays: wholeNumber(0, 36_500)
    .default(0)
    .describe(
      'Days after which a finished request and the copies of its pictures are deleted; 0 keeps all for ever.',
    ),
  removalPolicy: z
    .enum(['retain', 'destroy'], { error: 'retain or destroy' })
    .default('retain')
    .describe(
      'What becomes of ledger, pictures, logs and created secret when the stack is deleted; S3 deletes only an empty bucket.',
    ),
  sourceMaps: trueOrFalse
    .default(false)
    .describe('Makes stack traces name the TypeScript source, for about 20 ms more of cold start.'),
});

/** Every setting of the service, as CDK context. Each has a default and says in a sentence what it does. */
export const configuration = settings.superRefine((read, context) => {
  if (Boolean(read.jwtIssuer) === Boolean(read.jwtAudience)) return;
  const missing = read.jwtIssuer ? 'jwtAudience' : 'jwtIssuer';
  const error = 'a value, because jwtIssuer and jwtAudience belong together: give both or neither';
  context.addIssue({ code: 'custom', path: [missing], message: error });
});

export type Configuration = z.output<typeof configuration>;

/** What the person who deploys has to correct. The message says all of it; a stack trace would add nothing. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Feature flags, look-ups and the CDK's bookkeeping: `@aws-cdk/…`, `aws:cdk:…`, `cli-telemetry`. */
const isCdkOwn = (key: string): boolean => /[:@/]/.test(key) || key === 'cli-telemetry';

/**
 * Reads the settings from an app's context (`app.node.getAllContext()`).
 *
 * @throws ConfigurationError naming every setting that is wrong or unknown, and what was expected.
 */
export const readConfiguration = (context: Record<string, unknown>): Configuration => {
  const given = Object.fromEntries(Object.entries(context).filter(([key]) => !isCdkOwn(key)));
  const read = configuration.safeParse(given);
  if (read.success) return read.data;
  const problems = read.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map(unknownSetting) : [wrongSetting(issue, given)],
  );
  throw new ConfigurationError(
    ['The configuration is wrong:', ...problems.map((problem) => `  ${problem}`), HELP].join('\n'),
  );
};

const HELP =
  'Settings are CDK context: pass them as `-c name=value`, or put them into "context" in cdk.json.';

const unknownSetting = (name: string): string => {
  const known = Object.keys(settings.shape);
  const meant = nearest(name, known);
  return `${name} is not a setting. ${meant ? `Did you mean ${meant}?` : `There are: ${known.join(', ')}.`}`;
};

const wrongSetting = (issue: z.core.$ZodIssue, given: Record<string, unknown>): string => {
  const name = String(issue.path[0]);
  const value = JSON.stringify(given[name]);
  // Someone may have put the key itself where its secret's name belongs.
  const problem =
    value === undefined ? 'is missing' : name === 'apiKeySecret' ? 'is malformed' : `is ${value}`;
  return `${name} ${problem}. Expected: ${issue.message}.`;
};
