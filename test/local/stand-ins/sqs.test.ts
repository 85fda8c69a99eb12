import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEventSourceMapping } from '../../../local/stand-ins/event-source-mapping.ts';
import { startFauxqs } from '../../../local/stand-ins/fauxqs.ts';
import { ensureRequestQueues } from '../../../local/stand-ins/sqs.ts';

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
  const options = { queueName: 'requests', visibilityTimeoutSeconds: 1, maxReceiveCount: 2 };
  const queues = await ensureRequestQueues(client, options);
  const { queueUrl: QueueUrl, queueArn } = queues;
  const count = async (url: string) => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };
  return {
    ...queues,
    client,
    ensureAgain: () => ensureRequestQueues(client, options),
    send: (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl, MessageBody })),
    counts: async () => [await count(QueueUrl), await count(queues.deadLetterQueueUrl)],
    map: (invoke: (event: unknown) => Promise<unknown>, maxConcurrency = 1) => {
      const mapping = startEventSourceMapping({
        client,
        queueUrl: QueueUrl,
        queueArn,
        maxConcurrency,
        invoke,
      });
      cleanups.push(mapping.close);
      return mapping;
    },
  };
};

const bodiesOf = (event: unknown): string[] => {
  const { Records } = Object(event);
  return Records.map(({ body }: { body: string }) => body);
};
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe('SQS on this machine', () => {
  it('has the queue with its dead-letter queue, and leaves them as they are when they exist', async () => {
    const { ensureAgain, send, counts, queueUrl, queueArn, deadLetterQueueUrl } = await start();
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
    const { client, queueUrl: QueueUrl, send, counts } = await start();
    await send('poison');
    for (let time = 0; time < 3; time += 1) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      for (const { ReceiptHandle } of Messages) {
        await client.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
      }
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
    await until(async () => expect(await counts()).toEqual([0, 0]));
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
      sizes.push(bodiesOf(event).length);
    });
    await until(async () => expect(await counts()).toEqual([0, 0]));
    expect(Math.max(...sizes)).toBe(10);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(25);
  });

  it('leaves what the function names as failed, until it is set aside', async () => {
    const { map, send, counts } = await start();
    await send('good');
    const { MessageId } = await send('bad');
    const seen: string[] = [];
    map(async (event) => {
      const bodies = bodiesOf(event);
      seen.push(...bodies);
      return { batchItemFailures: bodies.includes('bad') ? [{ itemIdentifier: MessageId }] : [] };
    });
    await until(async () => expect(await counts()).toEqual([0, 1]));
    expect(seen.toSorted()).toEqual(['bad', 'bad', 'good']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('crashed'))],
    ['names a message that it was not given', async () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
    ['answers in another form', async () => ({ batchItemFailures: [{ id: 'x' }] })],
  ])('leaves the whole batch when the function %s', async (_, invoke) => {
    const { map, send, counts } = await start();
    await send('one');
    let calls = 0;
    map((event) => {
      calls += bodiesOf(event).length;
      return invoke();
    });
    await until(async () => expect(await counts()).toEqual([0, 1]));
    expect(calls).toBe(2);
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
