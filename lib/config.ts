import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { MAX_CALLS_PER_CALLER, MIN_RETENTION_DAYS } from '../lambda/shared/limits.ts';
import { DEFAULTS } from './defaults.ts';
import { httpSettings, missingHttpSettings } from './http-settings.ts';
import { isWebOrigin, listOf, text, trueOrFalse } from './setting-types.ts';

// `-c name=value` passes every value as a string; cdk.json may hold numbers and booleans.
const wholeNumber = (
  minimum: number,
  maximum: number,
  error = `a whole number from ${minimum} to ${maximum}`,
) => {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int({ error }).min(minimum, { error }).max(maximum, { error }),
  );
};

const logRetentions = Object.values(RetentionDays).filter(
  (days) => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const busName = text(
  /^[\w./-]{1,256}$/,
  'the name of an event bus in this account: letters, digits and the characters . _ - /',
);

/** `res.jogg.ai`, or `*.jogg.ai` for its subdomains. Lower case, because the URL parser returns host names so. */
const IMAGE_HOST = /^(\*\.[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(\.[a-z0-9-]+)*)$/;

const retention = `0, or a whole number from ${MIN_RETENTION_DAYS} to 36500`;

export const DEFAULT_STAGE = 'prod';

const settings = z.strictObject({
  stage: text(
    /^[a-z][a-z0-9-]{0,19}$/,
    'up to 20 lower-case letters, digits and hyphens, starting with a letter',
  )
    .default(DEFAULT_STAGE)
    .describe(
      'Name of this deployment. The stack is called PhotoAvatars-<stage>, so one account can hold several. Only prod takes events of the default bus that name no service.',
    ),
  alarmEmail: z
    .email({ error: 'an e-mail address' })
    .optional()
    .describe('E-mail address that receives the alarms, after a click on the link in a message of AWS.'),
  alarmTopicArn: text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'the ARN of an SNS topic')
    .optional()
    .describe('ARN of an existing topic in this account and region for the alarms, instead of a new one.'),
  runbookUrl: text(/^https:\/\/[^\s#]{1,400}$/, 'the https:// URL of a page, without #, up to 400 characters')
    .default(DEFAULTS.runbookUrl)
    .describe('URL of the runbook that alarms link, with the sections of docs/operations.md.'),
  ...httpSettings,
  joggaiBaseUrl: z
    .string({ error: 'an https:// origin without a path' })
    // The API key is sent to this address.
    .refine(isWebOrigin, { error: 'an https:// origin without a path (http:// only for this machine)' })
    .transform((url) => url.replace(/\/$/, ''))
    .default(DEFAULTS.joggaiBaseUrl)
    .describe("Origin of JoggAI's API."),
  joggaiCallsPerMinute: wholeNumber(1, 1_000)
    .default(DEFAULTS.joggaiCallsPerMinute)
    .describe('Paid calls per minute that JoggAI allows for your account.'),
  dailyCallLimit: wholeNumber(1, 1_000_000)
    .default(DEFAULTS.dailyCallLimit)
    .describe(
      'Maximum number of paid calls per UTC day. Further requests are rejected or queued, and are not charged.',
    ),
  dailyCallLimitPerCaller: wholeNumber(1, MAX_CALLS_PER_CALLER)
    .optional()
    .describe(
      'Maximum number of paid calls per UTC day for each caller: a role, a token subject, or an event source.',
    ),
  lowCreditThreshold: wholeNumber(0, 1_000_000)
    .default(DEFAULTS.lowCreditThreshold)
    .describe('Remaining credits below which the low-credit alarm fires. A paid call costs 0.2 credits.'),
  generationTimeoutMinutes: wholeNumber(5, 1_440)
    .default(DEFAULTS.generationTimeoutMinutes)
    .describe('Minutes to poll a generation before it is recorded as failed.'),
  imageHosts: listOf('host, as in res.jogg.ai or *.jogg.ai')
    .refine((hosts) => hosts.every((host) => IMAGE_HOST.test(host)), {
      error: 'hosts in lower case separated by commas, as in res.jogg.ai or *.jogg.ai',
    })
    .default([...DEFAULTS.imageHosts])
    .describe(
      'Hosts that images may be copied from, separated by commas. *.example.com matches every subdomain.',
    ),
  eventBusName: busName
    .optional()
    .describe('Name of the event bus that delivers requests. Without it, the default bus of the account.'),
  resultsBusName: busName
    .optional()
    .describe(
      'Name of the event bus that results are published to. Without it, the default bus of the account.',
    ),
  eventSources: listOf('source')
    .optional()
    .describe(
      'Event sources to accept requests from, separated by commas. Without it, every source on the bus.',
    ),
  eventSchemas: trueOrFalse
    .default(false)
    .describe('Puts the schemas of all events into a registry of EventBridge, for code in many languages.'),
  backlogAlarmMinutes: wholeNumber(1, 10_080)
    .default(DEFAULTS.backlogAlarmMinutes)
    .describe(
      'Minutes a queued request may wait before the backlog alarm fires. Allow for the largest expected burst.',
    ),
  apiKeySecret: text(
    /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+|[\w/+=.@-]{1,512})$/,
    'the name or the ARN of a secret in Secrets Manager (never the key itself)',
  )
    .optional()
    .describe(
      'Name or ARN of an existing secret with the JoggAI API key. Without it, the stack creates an empty secret.',
    ),
  ledgerTableName: text(
    /^[\w.-]{3,255}$/,
    'the name of a DynamoDB table in this account and region: 3 to 255 letters, digits and the characters _ . -',
  )
    .optional()
    .describe('Name of a restored table to use as the ledger. Without it, the stack creates the table.'),
  logRetentionDays: wholeNumber(1, 3653)
    .refine((days) => logRetentions.includes(days), { error: `one of ${logRetentions.join(', ')}` })
    .default(DEFAULTS.logRetentionDays)
    .describe('Days after which log events are deleted.'),
  throttleRate: wholeNumber(1, 10_000)
    .default(DEFAULTS.throttleRate)
    .describe('Sustained requests per second that the HTTP API accepts, across all callers.'),
  throttleBurst: wholeNumber(1, 5_000)
    .default(DEFAULTS.throttleBurst)
    .describe('Burst of requests that the HTTP API accepts, across all callers.'),
  memorySize: wholeNumber(128, 10_240)
    .default(DEFAULTS.memorySize)
    .describe('Memory of each function in MB. Lambda allocates CPU in proportion.'),
  retentionDays: wholeNumber(0, 36_500, retention)
    .refine((days) => days === 0 || days >= MIN_RETENTION_DAYS, { error: retention })
    .default(0)
    .describe(
      `Days after which a finished request and the copies of its images are deleted, at least ${MIN_RETENTION_DAYS}; 0 keeps them indefinitely.`,
    ),
  removalPolicy: z
    .enum(['retain', 'destroy'], { error: 'retain or destroy' })
    .default('retain')
    .describe(
      'What happens to ledger, images, queues, logs and created secret on stack deletion. S3 deletes only an empty bucket.',
    ),
  sourceMaps: trueOrFalse
    .default(false)
    .describe('Maps stack traces to the TypeScript source. Adds about 20 ms to a cold start.'),
});

/** Every setting of the service, read from CDK context. Each is optional and has a description. */
export const configuration = settings.superRefine((read, context) => {
  for (const { name, expected } of missingHttpSettings(read)) {
    context.addIssue({ code: 'custom', path: [name], message: expected });
  }
});

export type Configuration = z.output<typeof configuration>;

/** An invalid configuration. The message lists every problem; the stack trace adds nothing. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Feature flags, lookups and other keys of the CDK: `@aws-cdk/…`, `aws:cdk:…`, `cli-telemetry`. */
const isCdkKey = (key: string): boolean => /[:@/]/.test(key) || key === 'cli-telemetry';

/** The settings of a stage in a file. */
export interface StageFile {
  /** Names the file in errors. */
  readonly path: string;
  readonly settings: Record<string, unknown>;
}

/**
 * Reads the settings from an app's context (`app.node.getAllContext()`) and the file of its stage. The context wins.
 *
 * @throws ConfigurationError that names every invalid or unknown setting, its file, and what was expected.
 */
export const readConfiguration = (context: Record<string, unknown>, file?: StageFile): Configuration => {
  const ofContext = Object.fromEntries(Object.entries(context).filter(([key]) => !isCdkKey(key)));
  const given: Record<string, unknown> = { ...file?.settings, ...ofContext };
  const read = configuration.safeParse(given);
  if (read.success) return read.data;
  const placeOf = (name: string): string =>
    file && Object.hasOwn(given, name) && !Object.hasOwn(ofContext, name) ? `${file.path}: ` : '';
  const problems = read.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((name) => placeOf(name) + unknownSetting(name))
      : [placeOf(String(issue.path[0])) + invalidSetting(issue, given)],
  );
  throw invalidConfiguration(problems);
};

/** @returns the error that lists these problems */
export const invalidConfiguration = (problems: readonly string[]): ConfigurationError =>
  new ConfigurationError(
    ['The configuration is invalid:', ...problems.map((problem) => `  ${problem}`), HELP].join('\n'),
  );

const HELP =
  'Settings are CDK context: pass them as `-c name=value`, or add them to stages/<stage>.json or to "context" in cdk.json.';

const unknownSetting = (name: string): string =>
  `${name} is not a setting. The settings are: ${Object.keys(settings.shape).join(', ')}.`;

const invalidSetting = (issue: z.core.$ZodIssue, given: Record<string, unknown>): string => {
  const name = String(issue.path[0]);
  const value = JSON.stringify(given[name]);
  // The value may be the key itself, pasted by mistake.
  const problem =
    value === undefined ? 'is missing' : name === 'apiKeySecret' ? 'is malformed' : `is ${value}`;
  return `${name} ${problem}. Expected: ${issue.message}.`;
};
