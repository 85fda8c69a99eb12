/** Time limit of each function, in seconds. API Gateway gives up after 30 s, so the api function must end before. */
export const TIMEOUT_SECONDS = { api: 29, intake: 60, dispatch: 120 } as const;

/** Receives after which a message of the request queue moves to the dead-letter queue. */
export const MAX_RECEIVE_COUNT = 5;

/** SQS hides a message for this many times intake's time limit, as AWS recommends. */
export const VISIBILITY_TIMEOUT_FACTOR = 6;
