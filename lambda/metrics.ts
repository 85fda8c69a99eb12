/**
 * The names under which the code counts and the alarms watch. Every metric has exactly one dimension,
 * `service`, whose value is the function's POWERTOOLS_SERVICE_NAME.
 */
export const METRICS_NAMESPACE = 'PhotoAvatars';

export const SERVICE_DIMENSION = 'service';

/** Counts, unless a comment gives another unit. */
export const METRIC = {
  /** JoggAI took the request: it is paid for. */
  accepted: 'Accepted',
  /** Recorded, to be submitted later. */
  queued: 'Queued',
  /** JoggAI answered that it ended badly, or in a way nobody knows. */
  failed: 'Failed',
  /** Sent, and no readable answer: perhaps paid for. */
  inDoubt: 'InDoubt',
  /** Refused before anything was recorded: the caller's request is not valid. */
  invalidRequest: 'InvalidRequest',
  /** JoggAI called the parameters of a valid request wrong (code 40000). */
  parameterError: 'ParameterError',
  /** JoggAI said 429. */
  rateLimited: 'RateLimited',
  insufficientCredit: 'InsufficientCredit',
  noPermission: 'NoPermission',
  /** JoggAI refused the API key. */
  invalidApiKey: 'InvalidApiKey',
  /** The secret holds no usable API key, or cannot be read. */
  missingApiKey: 'MissingApiKey',
  /** An error that nobody foresaw: the caller was told that the service cannot do its work right now. */
  unexpectedError: 'UnexpectedError',
  /** A direct invocation that was refused by a named error: Lambda counts it among its errors, too. */
  refusedInvocation: 'RefusedInvocation',
  /** Gauge: seconds for which the oldest queued request has waited; 0 if none waits. */
  oldestQueuedAge: 'OldestQueuedAge',
  /** Pictures are there. */
  succeeded: 'Succeeded',
  /** Milliseconds from JoggAI's acceptance to the end of the generation as we saw it. */
  generationTime: 'GenerationTime',
  /** JoggAI gave a generation a status that nobody has seen before. */
  unseenStatus: 'UnseenStatus',
  /** A picture could not be copied, for now or for good. */
  imageNotCopied: 'ImageNotCopied',
  /** Gauge: credits left at JoggAI. Missing where JoggAI did not say. */
  creditsLeft: 'CreditsLeft',
  /** Gauge: slots of the account's rate in use. */
  slotsInUse: 'SlotsInUse',
  /** Gauge: paid calls since midnight UTC. */
  callsToday: 'CallsToday',
  /** Milliseconds from the start of the paid POST to its end. */
  joggaiLatency: 'JoggAILatency',
} as const;

export type MetricName = (typeof METRIC)[keyof typeof METRIC];
