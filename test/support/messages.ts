import type { QueueMessage } from '../../lambda/intake/envelope.ts';

/** The name of the service under test. */
export const SERVICE = 'PhotoAvatars-test';

/** ARN of the queue for messages of any sender. */
export const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:requests';

/** ARN of the queue that only the service's event rule sends to. */
export const EVENT_QUEUE = 'arn:aws:sqs:us-east-1:123456789012:events';

/** A message as Lambda delivers it. What is not text is sent as JSON. */
export const sqsMessage = (
  content: unknown,
  { id = 'message-1', queue = QUEUE }: { readonly id?: string; readonly queue?: string } = {},
): QueueMessage => ({
  messageId: id,
  body: typeof content === 'string' ? content : JSON.stringify(content),
  eventSourceARN: queue,
});
