import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { toItem } from '../../lambda/adapters/aws/dynamodb.ts';
import { createLedger, MAX_COUNTED } from '../../lambda/adapters/ledger.ts';
import { acceptedAsQueued } from '../../lambda/domain/submission/submission-rules.ts';
import { AVATAR } from '../support/requests.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

const T0 = Date.parse('2026-11-26T12:00:00.000Z');

let store: Store;
let ledger: ReturnType<typeof createLedger>;
let queries = 0;
beforeAll(async () => {
  store = await startStore();
  store.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'QueryCommand') queries += 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  ledger = createLedger({ client: store.client, tableName: TABLE });
});
beforeEach(() => {
  queries = 0;
});
afterAll(() => store?.close());

const queued = (id: string, now: number) =>
  acceptedAsQueued({ id, source: 'http', caller: 'someone', request: AVATAR }, { now, by: 'api' });

it('the place of a queued record is the number of those that are due before it, found with one query', async () => {
  const records = ['b', 'a', 'd', 'c'].map((id, at) => queued(id, T0 + at));
  for (const record of records) await ledger.create(record);
  // Other work is not in front of it.
  await ledger.create({ ...queued('e', T0 - 1), status: 'generating', open: 'generating' });
  for (const [ahead, record] of records.entries())
    expect(await ledger.positionOf(record)).toEqual({ ahead, isAtLeast: false });
  expect(queries).toBe(records.length);
});

it('a record without work left has no place', async () => {
  expect(await ledger.positionOf({ ...queued('f', T0), open: undefined, dueAt: undefined })).toBeUndefined();
  expect(queries).toBe(0);
});

it('the place in a long queue is a lower bound, still found with one query', async () => {
  const ids = Array.from({ length: MAX_COUNTED + 25 }, (_, at) => `long-${at}`);
  for (let from = 0; from < ids.length; from += 25) {
    const puts = ids.slice(from, from + 25).map((id) => ({
      PutRequest: { Item: toItem({ id, open: 'queued', dueAt: new Date(T0 + 60_000).toISOString() }) },
    }));
    await store.client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: puts } }));
  }
  const last = queued('last', T0 + 120_000);
  expect(await ledger.positionOf(last)).toEqual({ ahead: MAX_COUNTED, isAtLeast: true });
  expect(queries).toBe(1);
});
