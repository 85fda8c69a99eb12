import * as z from 'zod/mini';
import type { Source } from '../domain/record/record.ts';
import type { FieldError } from '../domain/request/contract.ts';
import { readJsonText } from '../shared/parse-json.ts';

export interface Namespaces {
  /** Events with the same one share their idempotency keys: whose they are. */
  readonly keys: string;
  /** Of the ids of events without a key. */
  readonly ids: string;
}

/** A request event without its envelopes. */
export interface Arrival {
  readonly source: Source;
  /** The sender, as far as known. */
  readonly caller: string;
  /** Proven by the queue that it came by. */
  readonly namespaces: Namespaces;
  /** What the envelope says and a sender to the queue could have written. */
  readonly claimed?: Namespaces | undefined;
  /** The id of the event, used if it carries no idempotency key. */
  readonly eventId: string;
  readonly payload: unknown;
  /** Errors of the message itself, whatever its payload is. */
  readonly errors: readonly FieldError[];
}

export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  /** ARN of the queue. */
  readonly eventSourceARN: string;
}

/** Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-notification-json */
const snsNotification = z.object({
  Type: z.literal('Notification'),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
});

/** Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
const eventBridgeEvent = z.object({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  detail: z.unknown(),
});

/** Maximum length of an id or a source in an envelope, in characters. Those of AWS are shorter. */
const NAME_LIMIT = 512;

/**
 * Opens a message: a bare request, an EventBridge event whose `detail` is one, or an SNS notification of either. The
 * event id comes from the innermost envelope, because that id survives a redelivery.
 *
 * A sender to the queue can write any envelope, so an envelope chooses no namespace there. Only the service's own rule
 * sends to `eventQueueArn`: what EventBridge put into its envelope is true.
 */
export const openEnvelope = (message: QueueMessage, eventQueueArn: string): Arrival => {
  const bare: Arrival = {
    source: 'queue',
    caller: 'queue',
    // Not the sender: a message redriven from the dead-letter queue may have another one.
    namespaces: { keys: 'queue', ids: 'queue-id' },
    eventId: message.messageId,
    ...read(message.body),
  };
  if (message.eventSourceARN === eventQueueArn) {
    const { claimed, ...event } = openEventBridge(bare);
    // Anything else was put there by hand.
    if (claimed) return { ...event, namespaces: claimed };
  }
  return openEventBridge(openSns(bare));
};

const openSns = (arrival: Arrival): Arrival => {
  const sns = snsNotification.safeParse(arrival.payload);
  if (!sns.success) return arrival;
  const { TopicArn, MessageId, Message } = sns.data;
  const { payload, errors } = read(Message);
  return {
    source: 'sns',
    caller: shortened(TopicArn),
    namespaces: { keys: 'queue', ids: 'queue:sns-id' },
    claimed: { keys: `sns:${TopicArn}`, ids: 'sns-id' },
    eventId: MessageId,
    payload,
    errors: [...arrival.errors, ...tooLong({ TopicArn, MessageId }), ...errors],
  };
};

const openEventBridge = (arrival: Arrival): Arrival => {
  const event = eventBridgeEvent.safeParse(arrival.payload);
  if (!event.success) return arrival;
  const { id, source, detail } = event.data;
  return {
    source: 'eventbridge',
    caller: shortened(source),
    namespaces: { keys: 'queue', ids: 'queue:eventbridge-id' },
    claimed: { keys: `eventbridge:${source}`, ids: 'eventbridge-id' },
    eventId: id,
    payload: detail,
    errors: [...arrival.errors, ...tooLong({ source, id })],
  };
};

/** What is not JSON has no payload. */
const read = (text: string): Pick<Arrival, 'payload' | 'errors'> => {
  const found = readJsonText(text);
  if (!found) return { payload: undefined, errors: [{ field: 'body', message: 'is not JSON' }] };
  const { value, repeated } = found;
  return {
    payload: value,
    errors: repeated === undefined ? [] : [{ field: repeated, message: 'is given more than once' }],
  };
};

const shortened = (name: string): string => name.slice(0, NAME_LIMIT);

const tooLong = (names: Readonly<Record<string, string>>): FieldError[] =>
  Object.entries(names).flatMap(([field, name]) =>
    name.length > NAME_LIMIT ? [{ field, message: `must be at most ${NAME_LIMIT} characters` }] : [],
  );
