/** The `detail-type` of an event whose `detail` is a request. */
export const REQUEST_DETAIL_TYPE = 'Photo Avatar Requested';

/**
 * Pattern of `detail.service` in an event with a request: events that name this service, and those that name none if
 * it takes them.
 */
export const addresseePattern = (
  serviceName: string,
  takesUnaddressedEvents: boolean,
): (string | { readonly exists: boolean })[] => [
  serviceName,
  ...(takesUnaddressedEvents ? [{ exists: false }] : []),
];

/** `source` of every event that the service publishes. */
export const EVENT_SOURCE = 'photo-avatars';

/** Incremented with every change of a published event that is more than a new field. */
export const EVENT_SCHEMA_VERSION = 1;

/** The `detail-type` of each end of a request, by its status. */
export const ENDED_DETAIL_TYPES = {
  succeeded: 'Photo Avatar Succeeded',
  failed: 'Photo Avatar Failed',
  rejected: 'Photo Avatar Rejected',
  in_doubt: 'Photo Avatar In Doubt',
  cancelled: 'Photo Avatar Cancelled',
} as const;

export type EndedStatus = keyof typeof ENDED_DETAIL_TYPES;

/** The `detail-type` of each change of the JoggAI account. */
export const ACCOUNT_DETAIL_TYPES = {
  blocked: 'JoggAI Account Blocked',
  unblocked: 'JoggAI Account Unblocked',
} as const;
