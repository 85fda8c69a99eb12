/** Time limit of each function, in seconds. API Gateway gives up after 30 s, so the api function must end before. */
export const TIMEOUT_SECONDS = { api: 29, intake: 60, dispatch: 120 } as const;

/** Receives after which a message of the request queue moves to the dead-letter queue. */
export const MAX_RECEIVE_COUNT = 5;

/** SQS hides a message for this many times intake's time limit, as AWS recommends. */
export const VISIBILITY_TIMEOUT_FACTOR = 6;

/** Days that the request queue and its dead-letter queue keep a message: the maximum of SQS. */
export const MESSAGE_RETENTION_DAYS = 14;

/** Maximum of `dailyCallLimitPerCaller`: one item of DynamoDB, 400 kB, holds an id for each call of a day. */
export const MAX_CALLS_PER_CALLER = 10_000;

/**
 * Minimum of `retentionDays`. A message that was recorded may be delivered again: at the end of its time on the queues,
 * and after it was put back from the dead-letter queue, where its time starts anew. Its record must exist until then.
 */
export const MIN_RETENTION_DAYS = 2 * MESSAGE_RETENTION_DAYS + 2;
