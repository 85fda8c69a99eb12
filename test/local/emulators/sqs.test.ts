import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEventSourceMapping } from '../../../local/emulators/event-source-mapping.ts';
import { startFauxqs } from '../../../local/emulators/fauxqs.ts';
import { ensureRequestQueues } from '../../../local/emulators/sqs.ts';
import { eventually } from '../../support/eventually.ts';

/** Longer than any test: a message is received again only after a test makes it visible. */
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
    /** Delivers one batch. @returns its records after the mapping has processed them */
    async deliverBatch(invoke: Invoke) {
      const delivered = Promise.withResolvers<SQSEvent>();
      const closing = Promise.withResolvers<void>();
      const mapping = map(async (event) => {
        delivered.resolve(event);
        await closing.promise;
        return invoke(event);
      });
      const { Records } = await delivered.promise;
      const closed = mapping.close();
      closing.resolve();
      await closed;
      return Records;
    },
    makeVisible: (ReceiptHandle: string | undefined) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
  };
};

describe('the SQS emulator', () => {
  it('creates the queue and its dead-letter queue, and does not change existing ones', async () => {
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

  it('moves a message to the dead-letter queue after too many receives', async () => {
    const { client, queueUrl: QueueUrl, send, makeVisible, counts } = await start();
    await send('poison');
    for (let time = 0; time < 3; time += 1) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      for (const { ReceiptHandle } of Messages) await makeVisible(ReceiptHandle);
    }
    expect(await counts()).toEqual([0, 1]);
  });
});

describe('the event source mapping', () => {
  it('invokes the function with the event of Lambda, and deletes the processed messages', async () => {
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

  it('delivers at most ten messages at a time', async () => {
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

  it('keeps a failed message on the queue until it moves to the dead-letter queue', async () => {
    const { deliverBatch, makeVisible, map, send, counts } = await start();
    await send('good');
    const { MessageId = '' } = await send('bad');
    const deliver = async () => {
      const records = await deliverBatch(async () => ({
        batchItemFailures: [{ itemIdentifier: MessageId }],
      }));
      expect(await counts()).toEqual([1, 0]);
      await makeVisible(records.find(({ messageId }) => messageId === MessageId)?.receiptHandle);
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
    ['reports a message outside the batch', async () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
    ['returns a malformed response', async () => ({ batchItemFailures: [{ id: 'x' }] })],
  ])('keeps the whole batch on the queue if the function %s', async (_, invoke) => {
    const { deliverBatch, send, counts } = await start();
    await send('one');
    await send('two');
    expect(await deliverBatch(invoke)).toHaveLength(2);
    expect(await counts()).toEqual([2, 0]);
  });

  it('finishes the current batch before it closes, and receives no more', async () => {
    const { map, send, counts } = await start();
    await send('first');
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const mapping = map(async () => {
      started.resolve();
      await finish.promise;
    });
    await started.promise;
    const closed = mapping.close();
    await send('second');
    finish.resolve();
    await closed;
    expect(await counts()).toEqual([1, 0]);
  });
});
