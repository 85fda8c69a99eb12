import * as z from 'zod/mini';
import type { Source } from '../domain/record/record.ts';

/** A request event without its envelopes. */
export interface Arrival {
  readonly source: Source;
  /** The sender, as far as known. */
  readonly caller: string;
  /** Events with the same namespace share their idempotency keys. */
  readonly namespace: string;
  /** The id of the event, used if it carries no idempotency key. */
  readonly eventId: string;
  /** `undefined`: not JSON. */
  readonly payload: unknown;
}

export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
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

/**
 * Opens a message of the queue: a bare request, an EventBridge event whose `detail` is one, or an SNS notification
 * of either. The event id comes from the innermost envelope, because that id survives a redelivery.
 */
export const openEnvelope = ({ messageId, body }: QueueMessage): Arrival => {
  const bare: Arrival = {
    source: 'queue',
    caller: 'queue',
    // Not the sender: a message redriven from the dead-letter queue may have another one.
    namespace: 'queue',
    eventId: messageId,
    payload: parse(body),
  };
  return openEventBridge(openSns(bare));
};

const openSns = (arrival: Arrival): Arrival => {
  const sns = snsNotification.safeParse(arrival.payload);
  if (!sns.success) return arrival;
  const { TopicArn, MessageId, Message } = sns.data;
  return {
    source: 'sns',
    caller: TopicArn,
    namespace: `sns:${TopicArn}`,
    eventId: MessageId,
    payload: parse(Message),
  };
};

const openEventBridge = (arrival: Arrival): Arrival => {
  const event = eventBridgeEvent.safeParse(arrival.payload);
  if (!event.success) return arrival;
  const { id, source, detail } = event.data;
  return {
    source: 'eventbridge',
    caller: source,
    namespace: `eventbridge:${source}`,
    eventId: id,
    payload: detail,
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // What is not JSON is no request, and is recorded as such.
    return undefined;
  }
};
