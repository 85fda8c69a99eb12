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

/** What the stand-in tells of a queue beyond SQS. */
const inspected = z.object({
  messages: z.object({ inflight: z.array(z.object({ receiptHandle: z.string() })) }),
});

/** Everybody who asks by events: over the SDK, as an application would. */
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
    /** Puts a message on the queue. */
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
    /** Publishes on a topic of its own that the queue is subscribed to. */
    async publish(message: unknown, { raw }: { readonly raw: boolean }) {
      const Name = raw ? 'raw' : 'enveloped';
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name }));
      const Attributes = { RawMessageDelivery: String(raw) };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes }));
      await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message) }));
      return TopicArn;
    },
    /** Invokes a function as the CLI and Step Functions do. */
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
    /** Messages on the queue, in somebody's hands, and set aside. */
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
    /** Hands out again what intake was handed and has not deleted, as if its visibility timeout were over. */
    async redeliver() {
      const queueName = queueArn.split(':').at(-1);
      const queue = await fetch(`${sqsUrl}/_fauxqs/queues/${queueName}`);
      const { inflight } = inspected.parse(await queue.json()).messages;
      for (const { receiptHandle: ReceiptHandle } of inflight)
        await sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
    },
    /** Puts back on the queue what was set aside. As SQS does it, each message gets a new id. */
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
