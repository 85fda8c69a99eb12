import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDb, toItem } from '../../lambda/adapters/aws/dynamodb.ts';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { createGate, type Gate } from '../../lambda/domain/gate/gate.ts';
import { ensureLedgerTable } from '../../local/emulators/dynamodb.ts';
import { HANG_MS } from '../support/eventually.ts';
import { restoreTable } from '../support/restored-table.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const RESTORED = 'restored';
const KEY = 'fingerprint';
const byServiceFrom = (table: string) => `the service, because this ledger was restored from table ${table}`;
const PAUSE = { since: NOW, by: byServiceFrom(TABLE) };
const PAUSED = { kind: 'rejected', rejection: { kind: 'paused', ...PAUSE } };

let store: Store;
beforeAll(async () => {
  store = await startStore();
  await ensureLedgerTable(store.client, RESTORED);
});
beforeEach(async () => {
  for (const TableName of [TABLE, RESTORED])
    await store.client.send(new DeleteItemCommand({ TableName, Key: { id: { S: 'gate' } } }));
});
afterAll(() => store.close());

/** The gate in one more process. */
const aGate = (tableName: string, client: DynamoDBClient = store.client): Gate =>
  createGate({
    store: createGateStore(client, tableName, undefined, () => NOW),
    settings: { slots: 20, windowMs: 60_000, dailyCallLimit: 1_000 },
    clock: () => NOW,
  });

let attempts = 0;
const acquire = (gate: Gate) => {
  attempts += 1;
  return gate.acquire({ attemptId: `attempt-${attempts}`, leaseUntil: NOW + 1_000, key: KEY });
};
const rejectionIn = async (tableName: string) => (await aGate(tableName).snapshot(KEY)).rejection;
const restore = () => restoreTable(store.client, TABLE, RESTORED);

/** Puts a gate item into a table, as it is stored. */
const put = (TableName: string, parts: object) =>
  store.client.send(new PutItemCommand({ TableName, Item: toItem({ id: 'gate', ...parts }) }));

/** A client that awaits `before` ahead of each operation of that name. It counts the operations, too. */
const watched = (operation: string, before: () => Promise<void> = async () => {}) => {
  const client = createDynamoDb(HANG_MS);
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        calls.push(commandName);
        if (commandName === operation) await before();
        return next(args);
      },
    { step: 'initialize' },
  );
  return { client, calls };
};

describe('a restored ledger', () => {
  it('admits no call until a person resumes', async () => {
    expect(await acquire(aGate(TABLE))).toMatchObject({ kind: 'admitted' });
    await restore();
    const one = aGate(RESTORED);
    expect(await acquire(one)).toEqual(PAUSED);
    expect(await acquire(aGate(RESTORED))).toEqual(PAUSED);

    await one.pause(undefined);
    expect(await acquire(one)).toMatchObject({ kind: 'admitted' });
    expect(await acquire(aGate(RESTORED))).toMatchObject({ kind: 'admitted' });
  });

  it('is recognized even if no call was made before', async () => {
    await aGate(TABLE).warmUp();
    await restore();
    expect(await acquire(aGate(RESTORED))).toEqual(PAUSED);
  });

  it('is recognized again when it is restored itself', async () => {
    await aGate(TABLE).warmUp();
    await restore();
    await aGate(RESTORED).pause(undefined);
    await restoreTable(store.client, RESTORED, 'restored-again');
    expect(await rejectionIn('restored-again')).toMatchObject({ by: byServiceFrom(RESTORED) });
  });

  it.each<[string, (gate: Gate) => Promise<unknown>]>([
    ['a slot is requested', acquire],
    [
      'a call ends',
      (gate) =>
        gate.release({
          attemptId: 'before',
          slot: 0,
          acquiredAt: NOW,
          key: KEY,
          outcome: { kind: 'accepted', photoId: 'photo' },
        }),
    ],
    ['a probe of a block is allowed', (gate) => gate.allowProbe('block')],
    ['a probe of an outage is allowed', (gate) => gate.allowProbe('back_off')],
  ])('is paused and keeps the account and the slots, also if first %s', async (_, use) => {
    const block = { reason: 'insufficient_credit', since: 1, until: NOW + 9, refusedProbes: 2, key: KEY };
    const backOff = { since: 1, until: NOW, failedProbes: 0, isReadable: false };
    const outage = { badOutcomes: 3, backOff };
    const slot = { until: NOW, holder: 'before', calls: 7, day: '2026-11-22', rev: 'r' };
    await put(TABLE, { ledger: TABLE, slot0: slot, account: { rev: 'r', block, outage, waitUntil: NOW } });
    await restore();
    await use(aGate(RESTORED));
    expect(await acquire(aGate(RESTORED))).toEqual(PAUSED);
    const { account, slots } = await createGateStore(store.client, RESTORED).read();
    expect(account).toMatchObject({ pause: PAUSE, waitUntil: NOW });
    expect(slots.get(0)).toMatchObject({ calls: 7 });
  });

  it('stays paused when an operator pauses it before resuming', async () => {
    await put(RESTORED, { ledger: TABLE });
    await aGate(RESTORED).pause({ by: 'operator' });
    expect(await rejectionIn(RESTORED)).toMatchObject({ kind: 'paused', by: 'operator' });
  });

  it('replaces a pause of before, which its operator may resume without looking', async () => {
    await put(RESTORED, { ledger: TABLE, account: { rev: 'r', pause: { since: 1, by: 'operator' } } });
    expect(await rejectionIn(RESTORED)).toEqual(PAUSED.rejection);
  });

  it('admits none of the processes that start at the same time', async () => {
    await put(RESTORED, { ledger: TABLE });
    const ends = await Promise.all(Array.from({ length: 20 }, () => acquire(aGate(RESTORED))));
    expect(ends).toEqual(ends.map(() => PAUSED));
  });

  it('is not paused again by a process that read it before a person resumed', async () => {
    await put(RESTORED, { ledger: TABLE });
    const slow = watched('UpdateItemCommand', async () => {
      if (slow.calls.length === 2) await aGate(RESTORED).pause(undefined);
    });
    expect(await acquire(aGate(RESTORED, slow.client))).toMatchObject({ kind: 'admitted' });
    expect(await rejectionIn(RESTORED)).toBeUndefined();
    slow.client.destroy();
  });

  it('is paused although its account changed while it was recognized', async () => {
    await put(RESTORED, { ledger: TABLE, account: { rev: 'r' } });
    const slow = watched('UpdateItemCommand', async () => {
      if (slow.calls.length === 2)
        await put(RESTORED, { ledger: TABLE, account: { rev: 's', waitUntil: 5 } });
    });
    expect(await acquire(aGate(RESTORED, slow.client))).toEqual(PAUSED);
    expect((await createGateStore(store.client, RESTORED).read()).account).toMatchObject({ waitUntil: 5 });
    slow.client.destroy();
  });

  it('is paused although the answer of the write that recognizes it is lost', async () => {
    await put(RESTORED, { ledger: TABLE });
    const slow = watched('UpdateItemCommand', async () => store.proxy.loseAnswers(1));
    expect(await acquire(aGate(RESTORED, slow.client))).toEqual(PAUSED);
    slow.client.destroy();
  });

  it('admits no call that was decided on a view of before it was marked as restored', async () => {
    const warm = aGate(TABLE);
    await acquire(warm);
    const [item] = await store.items();
    await put(TABLE, { ...item, ledger: 'earlier' });
    expect(await acquire(warm)).toMatchObject({
      rejection: { kind: 'paused', by: byServiceFrom('earlier') },
    });
  });
});

describe('a ledger that was not restored', () => {
  it('is bound to its table by one more write, once, and is not paused', async () => {
    const { client, calls } = watched('none');
    await aGate(TABLE, client).snapshot(KEY);
    expect(calls.splice(0)).toEqual(['GetItemCommand', 'UpdateItemCommand']);
    expect(await rejectionIn(TABLE)).toBeUndefined();
    const next = aGate(TABLE, client);
    expect(await acquire(next)).toMatchObject({ kind: 'admitted' });
    expect(calls).toEqual(['GetItemCommand', 'UpdateItemCommand']);
    client.destroy();
  });

  it('keeps its state when the item of an earlier version is bound', async () => {
    const slot = { until: NOW + 5, holder: 'before', calls: 7, day: '2026-11-22', rev: 'r' };
    await put(TABLE, { slot0: slot, account: { rev: 'r', waitUntil: 5 } });
    const gate = aGate(TABLE);
    expect((await gate.snapshot(KEY)).callsToday).toBe(7);
    const view = await createGateStore(store.client, TABLE).read();
    expect(view).toEqual({
      rev: expect.any(String),
      slots: new Map([[0, slot]]),
      account: { rev: 'r', waitUntil: 5 },
    });
  });

  it('is bound by a write, too, after its item was deleted by hand', async () => {
    const warm = aGate(TABLE);
    await warm.warmUp();
    await store.client.send(new DeleteItemCommand({ TableName: TABLE, Key: { id: { S: 'gate' } } }));
    expect(await acquire(warm)).toMatchObject({ kind: 'admitted' });
    expect(await store.items()).toMatchObject([{ id: 'gate', ledger: TABLE }]);
  });
});
