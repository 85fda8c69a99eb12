import * as z from 'zod/mini';
import {
  ACCOUNT_DETAIL_TYPES,
  ENDED_DETAIL_TYPES,
  type EndedStatus,
  EVENT_SCHEMA_VERSION,
  EVENT_SOURCE,
} from './event-names.ts';

// The published events: for their JSON Schema, their types, and receivers that check them. The functions import the
// types alone, because building the schemas would slow every start. What may get further values is text.

/** What EventBridge adds to an event. */
const envelope = {
  version: z.optional(z.string()),
  id: z.optional(
    z
      .string()
      .check(z.describe('Of this event, given by EventBridge: another one if it is published again.')),
  ),
  time: z.optional(z.string()),
  account: z.optional(z.string()),
  region: z.optional(z.string()),
  resources: z.optional(z.array(z.string())),
};

/** An event of EventBridge as rules and their targets get it. */
export const eventOf = <Source extends z.ZodMiniType, Type extends string, Detail extends z.ZodMiniType>(
  source: Source,
  detailType: Type,
  detail: Detail,
) => z.object({ source, 'detail-type': z.literal(detailType), detail, ...envelope });

const instant = z.iso.datetime();

const common = {
  schema_version: z
    .literal(EVENT_SCHEMA_VERSION)
    .check(z.describe('Incremented with every change that is more than a new field.')),
  service: z.string().check(z.describe('The deployment that published it.')),
};

const image = z.object({
  url: z.string().check(z.describe('At JoggAI, which does not document how long it works.')),
  key: z.optional(z.string().check(z.describe("JoggAI's own key of the picture."))),
  copy: z.optional(
    z
      .object({
        bucket: z.string(),
        key: z.string().check(z.describe('In the bucket.')),
        content_type: z.string(),
        bytes: z.int(),
      })
      .check(z.describe('The copy that stays. Absent if the picture could not be copied.')),
  ),
});

const ended = <Ended extends EndedStatus>(status: Ended) =>
  eventOf(
    z.literal(EVENT_SOURCE),
    ENDED_DETAIL_TYPES[status],
    z.object({
      ...common,
      id: z.string().check(z.describe('Of the record: GET /photo-avatars/{id}.')),
      version: z.int().check(z.describe('Of the record. The highest one of an id is its latest end.')),
      status: z.literal(status),
      charged: z.enum(['no', 'unknown', 'yes']),
      idempotency_key: z.optional(z.string()),
      correlation_id: z.optional(z.string().check(z.describe('The id by which the logs find the request.'))),
      source: z.string().check(z.describe('http, invoke, queue, eventbridge or sns.')),
      caller: z.string().check(z.describe('An ARN, a token subject, or an event source.')),
      photo_id: z.optional(z.string().check(z.describe("JoggAI's id of the generation."))),
      images: z.array(image),
      error: z.optional(
        z.object({ code: z.string().check(z.describe('Stable name of the error.')), message: z.string() }),
      ),
      created_at: instant,
      ended_at: instant,
    }),
  );

/** Every event that the service publishes. */
export const PUBLISHED_EVENTS = {
  succeeded: ended('succeeded'),
  failed: ended('failed'),
  rejected: ended('rejected'),
  in_doubt: ended('in_doubt'),
  cancelled: ended('cancelled'),
  blocked: eventOf(
    z.literal(EVENT_SOURCE),
    ACCOUNT_DETAIL_TYPES.blocked,
    z.object({
      ...common,
      reason: z
        .string()
        .check(
          z.describe('insufficient_credit, no_permission or invalid_key; backing_off while JoggAI fails.'),
        ),
      since: instant,
    }),
  ),
  unblocked: eventOf(
    z.literal(EVENT_SOURCE),
    ACCOUNT_DETAIL_TYPES.unblocked,
    z.object({ ...common, at: instant, since: instant.check(z.describe('The start of the block.')) }),
  ),
} as const;

type Events = { [Name in keyof typeof PUBLISHED_EVENTS]: z.infer<(typeof PUBLISHED_EVENTS)[Name]> };

/** An event at the end of a request. */
export type PhotoAvatarEndedEvent = Events[EndedStatus];
/** An event about the JoggAI account. */
export type AccountEvent = Events['blocked' | 'unblocked'];
/** Any event that the service publishes. */
export type PhotoAvatarEvent = PhotoAvatarEndedEvent | AccountEvent;

/** What an event says beside the schema version and the service. */
export type Told<Event extends PhotoAvatarEvent> = Omit<Event['detail'], keyof typeof common>;
