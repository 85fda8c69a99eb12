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
  /** Invokes the function with an SQS event. Resolves with its result, or rejects with its error. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Batches at the same time. */
  readonly maxConcurrency: number;
}

export interface EventSourceMapping {
  /** Receives no further messages and waits for the batches in progress. */
  close(): Promise<void>;
}

/** The most messages that SQS returns at a time. */
const BATCH_SIZE = 10;

const MAX_POLL_SECONDS = 20;

/** Pause after an error of the queue, so that an unavailable queue is not polled in a tight loop. */
const RETRY_DELAY_MS = 1_000;

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
const batchResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/** A message in the format of Lambda's SQS event. */
const createRecord = (message: Message, queueArn: string) => ({
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
 * Emulates Lambda's poller of a queue: batches of ten, partial batch responses. A failed message stays on the queue
 * and is received again after its visibility timeout.
 */
export const startEventSourceMapping = (options: EventSourceMappingOptions): EventSourceMapping => {
  const { client, queueUrl, queueArn, invoke, maxConcurrency } = options;
  const stopping = new AbortController();

  const receive = async (): Promise<Message[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: BATCH_SIZE,
        WaitTimeSeconds: MAX_POLL_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: stopping.signal },
    );
    return Messages;
  };

  /** Ids of the failed messages: all, if the function failed or its response is malformed. */
  const invokeWith = async (messages: readonly Message[]): Promise<Set<string | undefined>> => {
    const all = new Set(messages.map(({ MessageId }) => MessageId));
    try {
      const Records = messages.map((message) => createRecord(message, queueArn));
      const response = batchResponse.parse(await invoke({ Records }));
      const failed = new Set(response?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
      return [...failed].every((id) => all.has(id)) ? failed : all;
    } catch {
      // The function logs its own errors.
      return all;
    }
  };

  const processBatch = async (messages: readonly Message[]): Promise<void> => {
    const failed = await invokeWith(messages);
    const Entries = messages.flatMap(({ MessageId, ReceiptHandle }, index) =>
      failed.has(MessageId) || !ReceiptHandle ? [] : [{ Id: String(index), ReceiptHandle }],
    );
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  };

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive();
        if (messages.length > 0) await processBatch(messages);
      } catch {
        // Messages that were not deleted are received again. `close` aborts the poll: then there is nothing to retry.
        if (!stopping.signal.aborted)
          await sleep(RETRY_DELAY_MS, undefined, { signal: stopping.signal }).catch(() => {});
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
