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
  const { queueUrl, queueArn, eventQueue } = service;
  const queues = [service, eventQueue];

  const sendTo = async (QueueUrl: string, MessageBody: string): Promise<string> => {
    const { MessageId = '' } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    return MessageId;
  };
  const send = (body: unknown) => sendTo(queueUrl, typeof body === 'string' ? body : JSON.stringify(body));

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
    /** Messages in both queues, visible or in flight, and in their dead-letter queues. */
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
      const counts = await Promise.all(
        queues.map(async (each) => ({
          queue: await of(each.queueUrl),
          deadLetters: await of(each.deadLetterQueueUrl),
        })),
      );
      return {
        waiting: counts.reduce((sum, { queue }) => sum + queue.visible + queue.hidden, 0),
        setAside: counts.reduce((sum, { deadLetters }) => sum + deadLetters.visible, 0),
      };
    },
    /** Redelivers the messages in flight, as if their visibility timeout had expired. */
    async redeliver() {
      for (const { queueUrl: QueueUrl, queueArn } of queues) {
        const queue = await fetch(`${sqsUrl}/_fauxqs/queues/${queueArn.split(':').at(-1)}`);
        const { inflight } = inspected.parse(await queue.json()).messages;
        for (const { receiptHandle: ReceiptHandle } of inflight)
          await sqs.send(
            new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
          );
      }
    },
    /** Redrives each dead-letter queue to its own queue. As in SQS, each message gets a new id. */
    async redrive() {
      let redriven = 0;
      for (const { queueUrl: to, deadLetterQueueUrl: QueueUrl } of queues) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        for (const { Body = '', ReceiptHandle } of Messages) {
          await sendTo(to, Body);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
        redriven += Messages.length;
      }
      return redriven;
    },
  };
};

export type EventSender = ReturnType<typeof createEventSender>;
