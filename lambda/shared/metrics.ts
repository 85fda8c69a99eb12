/**
 * The metrics of the functions, watched by the alarms. Every metric has exactly one dimension, `service`, whose value
 * is POWERTOOLS_SERVICE_NAME.
 */
export const METRICS_NAMESPACE = 'PhotoAvatars';

export const SERVICE_DIMENSION = 'service';

/** Counts, unless a comment gives another unit. */
export const METRIC = {
  /** JoggAI accepted the request: it is paid for. */
  accepted: 'Accepted',
  /** Recorded, to be submitted later. */
  queued: 'Queued',
  /** JoggAI answered with a failure, or the generation failed. */
  failed: 'Failed',
  /** Sent, and no readable answer: possibly paid for. */
  inDoubt: 'InDoubt',
  /** Invalid request of a caller. */
  invalidRequest: 'InvalidRequest',
  /** JoggAI rejected the parameters of a valid request (code 40000). */
  parameterError: 'ParameterError',
  /** JoggAI answered 429. */
  rateLimited: 'RateLimited',
  insufficientCredit: 'InsufficientCredit',
  noPermission: 'NoPermission',
  /** JoggAI refused the API key. */
  invalidApiKey: 'InvalidApiKey',
  /** The secret holds no usable API key, or cannot be read. */
  missingApiKey: 'MissingApiKey',
  /** Unhandled error; HTTP callers received 503. */
  unexpectedError: 'UnexpectedError',
  /** An item of the ledger's table cannot be read. Once for each item and invocation. */
  unreadableItem: 'UnreadableItem',
  /** Direct invocation refused with a named error. Lambda counts it as an error, too. */
  refusedInvocation: 'RefusedInvocation',
  /** Gauge: age of the oldest queued request in seconds; 0 if none waits. */
  oldestQueuedAge: 'OldestQueuedAge',
  /**
   * Gauge: seconds since the oldest generation reached its time limit, while JoggAI does not report its status; 0 if
   * there is none.
   */
  oldestGenerationOverdue: 'OldestGenerationOverdue',
  /** The generation succeeded. */
  succeeded: 'Succeeded',
  /** Milliseconds from JoggAI's acceptance to the poll that found the end. */
  generationTime: 'GenerationTime',
  /** JoggAI returned an unknown status of a generation. */
  unseenStatus: 'UnseenStatus',
  /** An image could not be copied, temporarily or permanently. */
  imageNotCopied: 'ImageNotCopied',
  /** Gauge: credits left at JoggAI. No value if JoggAI did not say. */
  creditsLeft: 'CreditsLeft',
  /** Gauge: 1 while the gate backs off because of bad answers of JoggAI, else 0. */
  backingOff: 'BackingOff',
  /** Gauge: slots in use. */
  slotsInUse: 'SlotsInUse',
  /** Gauge: paid calls since midnight UTC. */
  callsToday: 'CallsToday',
  /** Milliseconds from the start of the paid POST to its end. */
  joggaiLatency: 'JoggAILatency',
} as const;

export type MetricName = (typeof METRIC)[keyof typeof METRIC];
