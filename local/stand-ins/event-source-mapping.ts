import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

export interface EventSourceMappingOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** The function: gets an SQS event and gives its result, or rejects with its error. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Batches at the same time. */
  readonly maxConcurrency: number;
}

export interface EventSourceMapping {
  /** Takes no further messages and waits for the batches that it has taken. */
  close(): Promise<void>;
}

/** The most that SQS hands out at a time. */
const BATCH_SIZE = 10;

const LONGEST_POLL_SECONDS = 20;

/** After an error of the queue's, so that one that is gone is not asked without end. */
const PAUSE_MS = 1_000;

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
const batchResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/** A message as Lambda hands it to a function. */
const recordOf = (message: Message, queueArn: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
      name,
      { stringValue: value.StringValue, dataType: value.DataType },
    ]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: queueArn.split(':')[3],
});

/**
 * Lambda's poller of a queue on this machine: batches of ten, partial batch responses. What the function did not
 * take stays on the queue and is handed out again when its visibility timeout is over.
 */
export const startEventSourceMapping = (options: EventSourceMappingOptions): EventSourceMapping => {
  const { client, queueUrl, queueArn, invoke, maxConcurrency } = options;
  const stopping = new AbortController();

  const receive = async (): Promise<Message[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: BATCH_SIZE,
        WaitTimeSeconds: LONGEST_POLL_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: stopping.signal },
    );
    return Messages;
  };

  /** Ids of the messages that have to come again: all, if the function failed or gave no answer of this form. */
  const failedOf = async (messages: readonly Message[]): Promise<Set<string | undefined>> => {
    const all = new Set(messages.map(({ MessageId }) => MessageId));
    try {
      const Records = messages.map((message) => recordOf(message, queueArn));
      const response = batchResponse.parse(await invoke({ Records }));
      const failed = new Set(response?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
      return [...failed].every((id) => all.has(id)) ? failed : all;
    } catch {
      // The function's own log says why.
      return all;
    }
  };

  const work = async (messages: readonly Message[]): Promise<void> => {
    const failed = await failedOf(messages);
    const Entries = messages.flatMap(({ MessageId, ReceiptHandle }, index) =>
      failed.has(MessageId) || !ReceiptHandle ? [] : [{ Id: String(index), ReceiptHandle }],
    );
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  };

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive();
        if (messages.length > 0) await work(messages);
      } catch {
        // What was not deleted comes again. At the end the poll is cut off, and there is nothing to wait for.
        if (!stopping.signal.aborted)
          await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };

  const polls = Promise.all(Array.from({ length: maxConcurrency }, poll));
  return {
    close: async () => {
      stopping.abort();
      await polls;
    },
  };
};
