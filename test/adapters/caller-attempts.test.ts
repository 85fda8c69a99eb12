import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createCallerAttempts } from '../../lambda/adapters/caller-attempts.ts';
import { MAX_CALLS_PER_CALLER } from '../../lambda/shared/limits.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

let store: Store;
let attempts: ReturnType<typeof createCallerAttempts>;
beforeAll(async () => {
  store = await startStore();
  attempts = createCallerAttempts(store.client, TABLE);
});
afterEach(() => store.proxy.loseAnswers(0));
afterAll(() => store.close());

const DAY = '2026-11-22';
const attempt = (owner: string, attemptId: string, day = DAY) => ({ owner, attemptId, day });

it('of concurrent attempts of one owner, as many are counted as the limit allows', async () => {
  const counted = await Promise.all(
    Array.from({ length: 20 }, (_, index) => attempts.add(attempt('many', `attempt-${index}`), 7)),
  );
  expect(counted.filter(Boolean)).toHaveLength(7);
});

it('each owner and each day has a count of its own', async () => {
  expect(await attempts.add(attempt('one', 'a'), 1)).toBe(true);
  expect(await attempts.add(attempt('one', 'b'), 1)).toBe(false);
  expect(await attempts.add(attempt('other', 'b'), 1)).toBe(true);
  expect(await attempts.add(attempt('one', 'b', '2026-11-23'), 1)).toBe(true);
});

it('an attempt whose answer was lost counts once, also if it was the last one allowed', async () => {
  store.proxy.loseAnswers(1);
  expect(await attempts.add(attempt('lossy', 'a'), 1)).toBe(true);
  expect(await attempts.add(attempt('lossy', 'b'), 1)).toBe(false);
});

it('a removed attempt makes room for one other, also if its removal is repeated', async () => {
  await attempts.add(attempt('frees', 'a'), 2);
  await attempts.add(attempt('frees', 'b'), 2);
  store.proxy.loseAnswers(1);
  await attempts.remove(attempt('frees', 'a'));
  expect(await attempts.add(attempt('frees', 'c'), 2)).toBe(true);
  expect(await attempts.add(attempt('frees', 'd'), 2)).toBe(false);
});

it('an item names no owner, and keeps the attempts of two days', async () => {
  for (const day of ['2026-11-20', '2026-11-21', '2026-11-22']) {
    await attempts.add(attempt('arn:aws:iam::1:user/alice', 'a', day), 5);
  }
  const { Items = [] } = await store.client.send(new ScanCommand({ TableName: TABLE }));
  expect(JSON.stringify(Items)).not.toContain('alice');
  const days = Items.map((item) => Object.keys(item).toSorted());
  expect(days).toContainEqual(['2026-11-21', '2026-11-22', 'id']);
});

it('an item holds the attempts of two days at the highest limit', async () => {
  await attempts.add(attempt('large', 'a'), MAX_CALLS_PER_CALLER);
  const { Items = [] } = await store.client.send(new ScanCommand({ TableName: TABLE }));
  const id = Items.find((item) => item[DAY]?.SS?.length === 1)?.id;
  const { Item } = await store.client.send(
    new GetItemCommand({ TableName: TABLE, Key: { id: id ?? { S: '' } } }),
  );
  const [token = ''] = Item?.[DAY]?.SS ?? [];
  // DynamoDB counts a text by its bytes, and 3 bytes for a set. An item holds 400 kB.
  expect(2 * MAX_CALLS_PER_CALLER * (token.length + 1)).toBeLessThan(400_000);
});
