import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEventSourceMapping } from '../../../local/stand-ins/event-source-mapping.ts';
import { startFauxqs } from '../../../local/stand-ins/fauxqs.ts';
import { ensureRequestQueues } from '../../../local/stand-ins/sqs.ts';
import { eventually } from '../../support/eventually.ts';

/** Longer than any test takes: a message comes again when a test makes it visible, and not before. */
const HIDDEN_SECONDS = 3_600;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const start = async () => {
  const running = await startFauxqs();
  const client = new SQSClient({
    endpoint: running.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  cleanups.push(running.close, () => client.destroy());
  const options = { queueName: 'requests', visibilityTimeoutSeconds: HIDDEN_SECONDS, maxReceiveCount: 2 };
  const queues = await ensureRequestQueues(client, options);
  const { queueUrl: QueueUrl, queueArn } = queues;
  const count = async (url: string) => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };
  type Invoke = (event: SQSEvent) => Promise<unknown>;
  const map = (invoke: Invoke) => {
    const mapping = startEventSourceMapping({
      client,
      queueUrl: QueueUrl,
      queueArn,
      maxConcurrency: 1,
      invoke: (event) => invoke(Object(event)),
    });
    cleanups.push(mapping.close);
    return mapping;
  };
  return {
    ...queues,
    client,
    map,
    ensureAgain: () => ensureRequestQueues(client, options),
    send: (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl, MessageBody })),
    counts: async () => [await count(QueueUrl), await count(queues.deadLetterQueueUrl)],
    /** Hands one batch over, and no more. @returns its records, when the mapping has done with them */
    async handOver(invoke: Invoke) {
      const handed = Promise.withResolvers<SQSEvent>();
      const closing = Promise.withResolvers<void>();
      const mapping = map(async (event) => {
        handed.resolve(event);
        await closing.promise;
        return invoke(event);
      });
      const { Records } = await handed.promise;
      const closed = mapping.close();
      closing.resolve();
      await closed;
      return Records;
    },
    show: (ReceiptHandle: string | undefined) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
  };
};

describe('SQS on this machine', () => {
  it('has the queue with its dead-letter queue, and leaves them as they are when they exist', async () => {
    const { client, ensureAgain, send, counts, queueUrl, queueArn, deadLetterQueueUrl } = await start();
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: String(HIDDEN_SECONDS) });
    await send('one');
    expect(await ensureAgain()).toEqual({ queueUrl, queueArn, deadLetterQueueUrl });
    expect(queueArn).toBe('arn:aws:sqs:us-east-1:000000000000:requests');
    expect(await counts()).toEqual([1, 0]);
  });

  it('listens on the loopback address only', async () => {
    const { url, close } = await startFauxqs();
    cleanups.push(close);
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  it('sets a message aside when it was handed out too often', async () => {
    const { client, queueUrl: QueueUrl, send, show, counts } = await start();
    await send('poison');
    for (let time = 0; time < 3; time += 1) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      for (const { ReceiptHandle } of Messages) await show(ReceiptHandle);
    }
    expect(await counts()).toEqual([0, 1]);
  });
});

describe('the event source mapping', () => {
  it('hands messages to the function as Lambda does, and deletes what it took', async () => {
    const { map, send, counts, queueArn } = await start();
    const { MessageId } = await send('hello');
    const events: unknown[] = [];
    map(async (event) => {
      events.push(event);
      return { batchItemFailures: [] };
    });
    await eventually(async () => expect(await counts()).toEqual([0, 0]));
    expect(events).toEqual([
      {
        Records: [
          {
            messageId: MessageId,
            receiptHandle: expect.any(String),
            body: 'hello',
            attributes: expect.objectContaining({
              ApproximateReceiveCount: '1',
              SentTimestamp: expect.any(String),
            }),
            messageAttributes: {},
            md5OfBody: '5d41402abc4b2a76b9719d911017c592',
            eventSource: 'aws:sqs',
            eventSourceARN: queueArn,
            awsRegion: 'us-east-1',
          },
        ],
      },
    ]);
  });

  it('hands over at most ten at a time', async () => {
    const { map, send, counts } = await start();
    await Promise.all(Array.from({ length: 25 }, (_, index) => send(`${index}`)));
    const sizes: number[] = [];
    map(async (event) => {
      sizes.push(event.Records.length);
    });
    await eventually(async () => expect(await counts()).toEqual([0, 0]));
    expect(Math.max(...sizes)).toBe(10);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(25);
  });

  it('leaves what the function names as failed, until it is set aside', async () => {
    const { handOver, show, map, send, counts } = await start();
    await send('good');
    const { MessageId = '' } = await send('bad');
    const deliver = async () => {
      const records = await handOver(async () => ({ batchItemFailures: [{ itemIdentifier: MessageId }] }));
      expect(await counts()).toEqual([1, 0]);
      await show(records.find(({ messageId }) => messageId === MessageId)?.receiptHandle);
      return records.map(({ body }) => body).toSorted();
    };
    expect([await deliver(), await deliver()]).toEqual([['bad', 'good'], ['bad']]);
    const invoke = vi.fn(async () => undefined);
    map(invoke);
    await eventually(async () => expect(await counts()).toEqual([0, 1]));
    expect(invoke).not.toHaveBeenCalled();
  });

  it.each([
    ['fails', () => Promise.reject(new Error('crashed'))],
    ['names a message that it was not given', async () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
    ['answers in another form', async () => ({ batchItemFailures: [{ id: 'x' }] })],
  ])('leaves the whole batch when the function %s', async (_, invoke) => {
    const { handOver, send, counts } = await start();
    await send('one');
    await send('two');
    expect(await handOver(invoke)).toHaveLength(2);
    expect(await counts()).toEqual([2, 0]);
  });

  it('finishes the batch that it has taken before it closes, and takes no more', async () => {
    const { map, send, counts } = await start();
    await send('first');
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const mapping = map(async () => {
      begun.resolve();
      await finish.promise;
    });
    await begun.promise;
    const closed = mapping.close();
    await send('second');
    finish.resolve();
    await closed;
    expect(await counts()).toEqual([1, 0]);
  });
});
