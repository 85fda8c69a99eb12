import { METRIC, type MetricName } from './metrics.ts';

// The alarms on the metrics of the functions: the stack creates them in CloudWatch, and a service on one machine
// evaluates them itself.

/** Defaults of the settings with the same names. */
export const ALARM_DEFAULTS = {
  /** About 200 credits: the maximum daily cost of a runaway caller. */
  dailyCallLimit: 1_000,
  /** Credits: 50 calls. */
  lowCreditThreshold: 10,
  /** At 20 calls a minute, 7,200 requests are submitted in this time. */
  backlogAlarmMinutes: 360,
} as const;

export type AlarmLimits = Readonly<Record<keyof typeof ALARM_DEFAULTS, number>>;

/** As CloudWatch names them. */
export type Statistic = 'Sum' | 'Maximum' | 'SampleCount';

/** One number of each period. */
export type AlarmMetric =
  | { readonly name: MetricName; readonly statistic: Statistic }
  /** `part` in percent of `part` and `rest`, each a sum; 0 below the minimum of `part`. */
  | { readonly part: MetricName; readonly rest: MetricName; readonly minimum: number };

export interface AlarmDefinition {
  /** Id of its construct. */
  readonly id: string;
  readonly metric: AlarmMetric;
  /** For a count: the time within which repetitions belong to the same incident. */
  readonly periodMinutes: number;
  readonly threshold: number;
  readonly comparison: 'at_or_above' | 'below';
  /** What a period without data means. `keep`: the alarm keeps its state. */
  readonly missing: 'not_breaching' | 'breaching' | 'keep';
  /** What users or operators notice, in one or two sentences. */
  readonly impact: string;
  /** What to do first. */
  readonly remedy: string;
  /** The heading of its section in docs/operations.md, as an anchor. */
  readonly section: string;
  /** Whether the metric is a state, so that the end of the alarm shows the recovery. */
  readonly followsState: boolean;
}

type Texts = Pick<AlarmDefinition, 'impact' | 'remedy' | 'section'>;

/** A count, which is emitted only when it is above 0. */
const onCount = (
  id: string,
  name: MetricName,
  texts: Texts & Partial<Pick<AlarmDefinition, 'periodMinutes' | 'threshold' | 'followsState'>>,
): AlarmDefinition => ({
  id,
  metric: { name, statistic: 'Sum' },
  periodMinutes: 5,
  threshold: 1,
  comparison: 'at_or_above',
  missing: 'not_breaching',
  followsState: false,
  ...texts,
});

/** A value that dispatch publishes every minute. */
const onGauge = (
  id: string,
  metric: { readonly name: MetricName; readonly statistic?: Statistic },
  texts: Texts &
    Pick<AlarmDefinition, 'threshold'> &
    Partial<Pick<AlarmDefinition, 'comparison' | 'missing'>>,
): AlarmDefinition => ({
  id,
  metric: { statistic: 'Maximum', ...metric },
  periodMinutes: 5,
  comparison: 'at_or_above',
  missing: 'not_breaching',
  followsState: true,
  ...texts,
});

/** Alarms about the outcomes of requests. Those that follow a state are on metrics that dispatch publishes every minute: 1 or 0. */
export const OUTCOME_ALARMS: readonly AlarmDefinition[] = [
  onCount('InsufficientCredit', METRIC.insufficientCredit, {
    impact: 'No photo avatars are generated: the JoggAI account has no credit left.',
    remedy: 'Top up the account in the JoggAI dashboard.',
    section: 'insufficient-credit',
    followsState: true,
  }),
  onCount('NoPermission', METRIC.noPermission, {
    impact: "No photo avatars are generated: the JoggAI account's plan does not include the API.",
    remedy: 'Check the plan in the JoggAI dashboard.',
    section: 'no-permission',
    followsState: true,
  }),
  onCount('InvalidApiKey', METRIC.invalidApiKey, {
    impact: 'No photo avatars are generated: JoggAI refuses the API key.',
    remedy: 'Store a valid key in the secret.',
    section: 'invalid-api-key',
    followsState: true,
  }),
  onCount('MissingApiKey', METRIC.missingApiKey, {
    impact: 'No photo avatars are generated: the secret holds no usable API key, or cannot be read.',
    remedy: "Store the key in the secret with the stack's PutApiKeyCommand output.",
    section: 'missing-api-key',
  }),
  onCount('BackingOff', METRIC.backingOff, {
    impact:
      'No photo avatars are generated: JoggAI fails repeatedly, so the service sends only single probes.',
    remedy:
      'Nothing is lost. Check the status of JoggAI, and resolve the few requests that failed or are in doubt.',
    section: 'backing-off',
    followsState: true,
  }),
  onCount('InDoubt', METRIC.inDoubt, {
    impact:
      'A request may have been charged without a result: it was sent to JoggAI, and no readable answer arrived.',
    remedy:
      'The request is not sent again automatically. Check whether it was charged, then resolve the record.',
    section: 'in-doubt',
  }),
  onCount('UnreadableItem', METRIC.unreadableItem, {
    impact: 'A request waits, or no paid calls are made: an item of the ledger cannot be read.',
    remedy: 'Find its id in the logs and repair it.',
    section: 'unreadable-item',
  }),
  onCount('UnexpectedError', METRIC.unexpectedError, {
    impact: 'An unhandled error occurred: HTTP callers received 503, or requests from events wait.',
    remedy: 'Search the logs of the functions for the level ERROR to find the cause.',
    section: 'unexpected-error',
  }),
];

/** Failures an hour below which their share is not significant. */
const MIN_FAILURES = 5;

/** At least two polls are not answered in this time: the one at the time limit and the next, five minutes later. */
const MAX_OVERDUE_MINUTES = 10;

/** Alarms about accepted requests, on metrics that dispatch publishes while it polls their generations. */
export const GENERATION_ALARMS: readonly AlarmDefinition[] = [
  {
    id: 'GenerationsFail',
    metric: { part: METRIC.failed, rest: METRIC.succeeded, minimum: MIN_FAILURES },
    periodMinutes: 60,
    threshold: 50,
    comparison: 'at_or_above',
    missing: 'not_breaching',
    impact: `At least half of the paid requests fail: ${MIN_FAILURES} or more failed within an hour.`,
    remedy: "Read JoggAI's messages in their records. If the requests are not the cause, pause the account.",
    section: 'generations-fail',
    followsState: false,
  },
  onGauge(
    'GenerationStatusUnknown',
    { name: METRIC.oldestGenerationOverdue },
    {
      threshold: MAX_OVERDUE_MINUTES * 60,
      impact: `The result of a paid request is unknown: JoggAI has not reported its status until ${MAX_OVERDUE_MINUTES} minutes after its time limit.`,
      remedy: 'Check the API key and the status of JoggAI. Do not send the request again.',
      section: 'generation-status-unknown',
    },
  ),
  onCount('ImagesNotCopied', METRIC.imageNotCopied, {
    // Longer than the maximum delay between two retries, so that all retries belong to one incident.
    periodMinutes: 60,
    // A single failure is retried within a minute.
    threshold: 2,
    impact: 'Paid images are stored only at JoggAI, which may delete them at any time.',
    remedy: 'Read the reason in the log of dispatch. Add a new host to imageHosts.',
    section: 'images-not-copied',
  }),
  onCount('UnseenStatus', METRIC.unseenStatus, {
    // A generation is polled at least every five minutes.
    periodMinutes: 15,
    impact:
      'Warning: JoggAI returned an unknown generation status. The generation is polled until it times out.',
    remedy: 'Read the status in the log of dispatch and report it.',
    section: 'unseen-status',
  }),
];

/** Share of the daily limit at which the alarm fires. */
const DAILY_LIMIT_WARNING = 0.8;

/** Alarms about the backlog, the daily limit and the credits. */
export const workAlarms = (limits: AlarmLimits): readonly AlarmDefinition[] => [
  onGauge(
    'DispatchStopped',
    // A gauge shows that dispatch ran and could read the ledger; Lambda's invocation count shows only that it ran.
    { name: METRIC.slotsInUse, statistic: 'SampleCount' },
    {
      threshold: 1,
      comparison: 'below',
      missing: 'breaching',
      impact: 'Queued requests are not submitted: dispatch has not run for five minutes.',
      remedy: 'Check its schedule and its log.',
      section: 'dispatch-stopped',
    },
  ),
  onGauge(
    'Backlog',
    { name: METRIC.oldestQueuedAge },
    {
      threshold: limits.backlogAlarmMinutes * 60,
      impact: `A request has been queued for ${limits.backlogAlarmMinutes} minutes and is not yet submitted to JoggAI.`,
      remedy: 'Find the cause: a block, a pause, the daily limit, or the number of queued requests.',
      section: 'backlog',
    },
  ),
  onGauge(
    'DailyLimitNear',
    { name: METRIC.callsToday },
    {
      threshold: Math.ceil(DAILY_LIMIT_WARNING * limits.dailyCallLimit),
      impact: `80 % of the daily limit is used: after ${limits.dailyCallLimit} paid calls, requests are rejected or wait until midnight (UTC).`,
      remedy:
        'If the calls are intended, raise dailyCallLimit. Otherwise pause the account and identify the caller.',
      section: 'daily-limit-near',
    },
  ),
  onGauge(
    'LowCredit',
    // The maximum of five checks, so that a single wrong answer of JoggAI does not start the alarm.
    { name: METRIC.creditsLeft },
    {
      threshold: limits.lowCreditThreshold,
      comparison: 'below',
      // JoggAI did not report the credits.
      missing: 'keep',
      impact: `Photo avatars will stop soon: fewer than ${limits.lowCreditThreshold} JoggAI credits are left.`,
      remedy: 'Top up the account in the JoggAI dashboard.',
      section: 'low-credit',
    },
  ),
];

/** Every alarm on the metrics of the functions. */
export const metricAlarms = (limits: AlarmLimits): readonly AlarmDefinition[] => [
  ...OUTCOME_ALARMS,
  ...GENERATION_ALARMS,
  ...workAlarms(limits),
];
