import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { toItem } from '../../lambda/adapters/aws/dynamodb.ts';
import { keyedId } from '../../lambda/domain/request/identity.ts';
import { METRIC } from '../../lambda/shared/metrics.ts';
import { AVATAR } from '../support/requests.ts';
import {
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

/** A text of a request, and one that a person wrote over an attribute. */
const PRIVATE = 'scar-above-the-left-eyebrow';
const WRITTEN = 'nineteen-hundred-and-four';
const REQUEST = { ...AVATAR, appearance: PRIVATE };

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
beforeEach(async () => {
  await running.reset();
  running.logs.length = 0;
});
afterEach(() => {
  expect(running.logs.filter((line) => line.includes(PRIVATE.slice(0, 10)))).toEqual([]);
  expect(running.logs.filter((line) => line.includes(WRITTEN.slice(0, 10)))).toEqual([]);
});
afterAll(() => running?.close());

const edit = (id: string, attribute: string, value: unknown) =>
  running.service.dynamoDb.send(
    new UpdateItemCommand({
      TableName: running.service.tableName,
      Key: toItem({ id }),
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: toItem({ ':value': value }),
    }),
  );
const remove = (id: string) =>
  running.service.dynamoDb.send(
    new DeleteItemCommand({ TableName: running.service.tableName, Key: toItem({ id }) }),
  );

const line = z.object({
  level: z.literal('ERROR'),
  record_id: z.string(),
  invalid_fields: z.array(z.string()),
});
const metric = z.object({ [METRIC.unreadableItem]: z.number() });
const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
/** The reports in the log, and the values of the metric. */
const reports = () => running.logs.flatMap((text) => line.safeParse(json(text)).data ?? []);
const counted = () =>
  running.logs.flatMap((text) => metric.safeParse(json(text)).data?.[METRIC.unreadableItem] ?? []);

const statusesOf = async (...ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => recordIn(await running.call('GET', `/photo-avatars/${id}`)).status));

describe('a record that cannot be read', () => {
  const keyed = (key: string, request: object = REQUEST, more: Record<string, string> = {}) =>
    running.post(request, { 'idempotency-key': key, ...more });
  const async = { prefer: 'respond-async' };
  let odd: string;
  let others: string[];
  beforeEach(async () => {
    odd = recordIn(await running.post(REQUEST, async)).id;
    others = [];
    for (let count = 0; count < 3; count += 1) {
      others.push(recordIn(await running.post(REQUEST, async)).id);
    }
    await edit(odd, 'createdAt', WRITTEN);
    running.logs.length = 0;
  });
  afterEach(() => remove(odd));

  it('does not stop dispatch from submitting the others, and is reported and counted once in a run', async () => {
    await running.service.triggerDispatch();
    expect(await statusesOf(...others)).toEqual(['generating', 'generating', 'generating']);
    expect(reports()).toEqual([{ level: 'ERROR', record_id: odd, invalid_fields: ['createdAt'] }]);
    expect(counted()).toEqual([1]);
  });

  it('is left out of lists, which have the others', async () => {
    const { status, body } = await running.call('GET', '/photo-avatars?limit=100');
    expect(status).toBe(200);
    const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(body);
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(others));
    expect(items.map(({ id }) => id)).not.toContain(odd);
    expect(reports().map(({ record_id }) => record_id)).toEqual([odd]);
  });

  it('answers GET and a resolution with a problem that says what to do', async () => {
    const read = expectProblem(await running.call('GET', `/photo-avatars/${odd}`), 'unreadable-item');
    expect(read.detail).toContain(odd);
    expect(read.detail).toMatch(/Nothing was changed or charged/);
    expect(read.detail).toMatch(/operator/);
    expect(counted()).toEqual([1]);
    const decision = { action: 'close', version: 1, reason: 'It is of no use.' };
    expectProblem(
      await running.sendJson('POST', `/photo-avatars/${odd}/resolution`, decision),
      'unreadable-item',
    );
  });

  it.each([
    ['now', {}],
    ['later', async],
  ])('is not paid for by a POST under its key, and other requests are: %s', async (when, headers) => {
    const { id } = recordIn(await keyed(when, REQUEST, async));
    await edit(id, 'createdAt', WRITTEN);
    await running.service.triggerDispatch();
    const before = running.charges();
    const answer = await keyed(when, REQUEST, headers);
    expect(expectProblem(answer, 'unreadable-item').detail).toMatch(/do not send it under another key/);
    await running.service.triggerDispatch();
    expect(running.charges()).toBe(before);
    expect((await running.post(REQUEST)).status).toBe(201);
    await remove(id);
  });

  it('keeps a message under its key on the queue, and no other message of the batch', async () => {
    const message = (key: string) => ({
      messageId: key,
      receiptHandle: key,
      body: JSON.stringify({ ...REQUEST, idempotency_key: key }),
      attributes: { ApproximateReceiveCount: '2' },
    });
    const deliver = (...keys: readonly string[]) =>
      running.service.intake.invoke({ Records: keys.map(message) });
    await deliver('message-1');
    const id = keyedId('queue', 'message-1');
    await edit(id, 'createdAt', WRITTEN);
    expect(await deliver('message-1', 'message-2')).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(await statusesOf(keyedId('queue', 'message-2'))).toEqual(['queued']);
    await remove(id);
  });

  it('is not paid for by a direct invocation under its key, which throws an error of that name', async () => {
    const event = { ...REQUEST, idempotency_key: 'direct' };
    const { id } = z.object({ id: z.string() }).parse(await running.service.api.invoke(event));
    await edit(id, 'createdAt', WRITTEN);
    await expect(running.service.api.invoke(event)).rejects.toMatchObject({ name: 'UnreadableItem' });
    expect(running.charges()).toBe(1);
    await remove(id);
  });
});

describe('while the item of the gate cannot be read', () => {
  beforeEach(() => edit('gate', 'account', { pause: WRITTEN }));

  it('a request is recorded and waits, nothing is paid for, and the account answers a clear problem', async () => {
    const posted = await running.post(REQUEST);
    expect(posted.status).toBe(202);
    await running.service.triggerDispatch().catch(() => {});
    expect(running.paidCalls()).toEqual([]);
    const { detail } = expectProblem(await running.call('GET', '/account'), 'unreadable-item');
    expect(detail).toMatch(/no paid calls are made/);
    expect(reports().map(({ record_id }) => record_id)).toContain('gate');

    await running.reset();
    await running.service.triggerDispatch();
    expect(await statusesOf(recordIn(posted).id)).toEqual(['generating']);
  });
});
