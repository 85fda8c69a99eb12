import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { LOCAL_IDENTITY } from '../../local/identity.ts';
import type { LocalService } from '../../local/service.ts';

export interface Invoked {
  /** Name of the error that the function threw. */
  readonly error: string | undefined;
  readonly payload: unknown;
}

const errorTypeOf = (payload: unknown): string | undefined => {
  const { errorType } = Object(payload);
  return typeof errorType === 'string' ? errorType : undefined;
};

/** The emulator's view of a queue, which SQS does not offer. */
const inspected = z.object({
  messages: z.object({ inflight: z.array(z.object({ receiptHandle: z.string() })) }),
});

/** Sends requests as events through the SDK, as an application does. */
export const createEventSender = ({ sqs, sqsUrl, eventsUrl, lambdaUrl, ...service }: LocalService) => {
  const eventBridge = new EventBridgeClient({ ...LOCAL_IDENTITY, endpoint: eventsUrl });
  const sns = new SNSClient({ ...LOCAL_IDENTITY, endpoint: sqsUrl });
  const { queueUrl, queueArn, deadLetterQueueUrl } = service;

  const send = async (body: unknown): Promise<string> => {
    const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
    const { MessageId = '' } = await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
    return MessageId;
  };

  return {
    /** Sends a message to the queue. */
    send,
    async putEvent(detail: unknown, entry: { DetailType?: string; Source?: string } = {}) {
      const { Entries = [] } = await eventBridge.send(
        new PutEventsCommand({
          Entries: [
            {
              Source: 'my.shop',
              DetailType: 'Photo Avatar Requested',
              Detail: JSON.stringify(detail),
              ...entry,
            },
          ],
        }),
      );
      return Entries[0];
    },
    /** Publishes to a new topic that the queue is subscribed to. */
    async publish(message: unknown, { raw }: { readonly raw: boolean }) {
      const Name = raw ? 'raw' : 'enveloped';
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name }));
      const Attributes = { RawMessageDelivery: String(raw) };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes }));
      await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message) }));
      return TopicArn;
    },
    /** Invokes a function as the AWS CLI and Step Functions do. */
    async invoke(name: 'api' | 'dispatch', event: unknown): Promise<Invoked> {
      const response = await fetch(`${lambdaUrl}/2015-03-31/functions/${name}/invocations`, {
        method: 'POST',
        body: JSON.stringify(event),
      });
      const payload: unknown = await response.json();
      return {
        error: response.headers.has('x-amz-function-error') ? errorTypeOf(payload) : undefined,
        payload,
      };
    },
    /** Messages in the queue, visible or in flight, and in the dead-letter queue. */
    async counts() {
      const of = async (QueueUrl: string) => {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({
            QueueUrl,
            AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
          }),
        );
        return {
          visible: Number(Attributes.ApproximateNumberOfMessages),
          hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
        };
      };
      const [queue, deadLetters] = await Promise.all([of(queueUrl), of(deadLetterQueueUrl)]);
      return { waiting: queue.visible + queue.hidden, setAside: deadLetters.visible };
    },
    /** Redelivers the messages in flight, as if their visibility timeout had expired. */
    async redeliver() {
      const queueName = queueArn.split(':').at(-1);
      const queue = await fetch(`${sqsUrl}/_fauxqs/queues/${queueName}`);
      const { inflight } = inspected.parse(await queue.json()).messages;
      for (const { receiptHandle: ReceiptHandle } of inflight)
        await sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
    },
    /** Redrives the dead-letter queue. As in SQS, each message gets a new id. */
    async redrive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        await send(Body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
      }
      return Messages.length;
    },
  };
};

export type EventSender = ReturnType<typeof createEventSender>;
