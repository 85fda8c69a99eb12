import { type AttributeValue, DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { createGate, type GateStore } from '../../lambda/domain/gate/gate.ts';
import { EMPTY_GATE, type GateWrite, type Slot } from '../../lambda/domain/gate/gate-rules.ts';
import { UnreadableItem } from '../../lambda/domain/unreadable-item.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

let store: Store;
let gateStore: GateStore;
beforeAll(async () => {
  store = await startStore();
  gateStore = createGateStore(store.client, TABLE);
});
beforeEach(() => store.client.send(new DeleteItemCommand({ TableName: TABLE, Key: { id: { S: 'gate' } } })));
afterEach(() => store.proxy.loseAnswers(0));
afterAll(() => store.close());

const slot = (holder: string): Slot => ({ until: 1_000, holder, calls: 1, day: '2026-11-22' });
const acquires = (index: number, holder: string, depends: readonly number[] = [index]): GateWrite => ({
  slots: new Map([[index, slot(holder)]]),
  dependsOn: { slots: depends, account: true },
});
const ACCOUNT = {
  block: {
    reason: 'insufficient_credit',
    since: 1,
    until: 2,
    refusedProbes: 3,
    probe: 'attempt',
    key: 'fingerprint',
  },
  pause: { since: 4, by: 'operator' },
  waitUntil: 5,
} as const;
const withRev = (fields: object) => ({ ...fields, rev: expect.stringMatching(/./) });

describe('the gate item', () => {
  it('is empty before the first write', async () => {
    expect(await gateStore.read()).toEqual({ ...EMPTY_GATE, rev: expect.any(String) });
  });

  it('is read as it was written', async () => {
    const write: GateWrite = { ...acquires(7, 'me'), account: ACCOUNT };
    const { kind, view } = await gateStore.write(write, EMPTY_GATE);
    expect(kind).toBe('written');
    expect(view).toEqual(withRev({ slots: new Map([[7, withRev(slot('me'))]]), account: withRev(ACCOUNT) }));
    expect(await gateStore.read()).toEqual(view);
  });

  it('keeps the parts that a write does not include', async () => {
    const first = await gateStore.write({ ...acquires(0, 'one'), account: ACCOUNT }, EMPTY_GATE);
    const second = await gateStore.write(acquires(1, 'two'), first.view);
    expect(second.view.slots.get(0)).toEqual(first.view.slots.get(0));
    expect(second.view.account).toEqual(first.view.account);
  });

  it('loses the fields that a written account does not have', async () => {
    const first = await gateStore.write({ ...acquires(0, 'one'), account: ACCOUNT }, EMPTY_GATE);
    const { view } = await gateStore.write({ ...acquires(0, 'one'), account: {} }, first.view);
    expect(view.account).toEqual(withRev({}));
  });
});

describe('a slot that somebody changed in the table, without a new revision,', () => {
  const change = (path: 'until' | 'holder', value: AttributeValue) =>
    store.client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { id: { S: 'gate' } },
        UpdateExpression: 'SET slot1.#path = :value',
        ExpressionAttributeNames: { '#path': path },
        ExpressionAttributeValues: { ':value': value },
      }),
    );

  it('is read as it is now, by a process that has read it before', async () => {
    const first = await gateStore.write(acquires(0, 'one'), EMPTY_GATE);
    await gateStore.write(acquires(1, 'two'), first.view);
    await change('holder', { S: 'somebody' });
    const { slots } = await gateStore.read();
    expect([slots.get(0)?.holder, slots.get(1)?.holder]).toEqual(['one', 'somebody']);
  });

  it('makes the item unreadable for such a process, if it is wrong', async () => {
    await gateStore.write(acquires(1, 'me'), EMPTY_GATE);
    await change('until', { S: 'soon' });
    await expect(gateStore.read()).rejects.toThrow(UnreadableItem);
    await expect(gateStore.read()).rejects.toThrow(UnreadableItem);
  });

  it('is gone for such a process, if it was removed', async () => {
    await gateStore.write(acquires(1, 'me'), EMPTY_GATE);
    await store.client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { id: { S: 'gate' } },
        UpdateExpression: 'REMOVE slot1',
      }),
    );
    expect((await gateStore.read()).slots.size).toBe(0);
  });
});

describe('a write', () => {
  it('of a slot that another process acquired is a conflict, and returns the item', async () => {
    const theirs = await gateStore.write(acquires(0, 'them'), EMPTY_GATE);
    const mine = await gateStore.write(acquires(0, 'me'), EMPTY_GATE);
    expect(mine).toEqual({ kind: 'conflict', view: theirs.view });
    expect(await gateStore.read()).toEqual(theirs.view);
  });

  it('of one slot conflicts with a change of another slot only if it depends on it', async () => {
    await gateStore.write(acquires(0, 'them'), EMPTY_GATE);
    expect((await gateStore.write(acquires(1, 'me', [0, 1, 2]), EMPTY_GATE)).kind).toBe('conflict');
    expect((await gateStore.write(acquires(1, 'me'), EMPTY_GATE)).kind).toBe('written');
  });

  it('that depends on the whole item conflicts with any other write', async () => {
    const onItem = (write: GateWrite): GateWrite => ({ ...write, dependsOn: 'item' });
    expect((await gateStore.write(onItem(acquires(0, 'me')), EMPTY_GATE)).kind).toBe('written');
    const { view } = await gateStore.write(acquires(1, 'them'), await gateStore.read());
    expect((await gateStore.write(onItem(acquires(2, 'me')), EMPTY_GATE)).kind).toBe('conflict');
    expect((await gateStore.write(onItem(acquires(2, 'me')), view)).kind).toBe('written');
  });

  it('is a conflict if the account was changed', async () => {
    const pause: GateWrite = { slots: new Map(), account: ACCOUNT, dependsOn: { slots: [], account: true } };
    await gateStore.write(pause, EMPTY_GATE);
    expect((await gateStore.write(acquires(0, 'me'), EMPTY_GATE)).kind).toBe('conflict');
  });

  it('of the same slot succeeds once for concurrent requests', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => gateStore.write(acquires(0, `attempt-${index}`), EMPTY_GATE)),
    );
    expect(results.filter(({ kind }) => kind === 'written')).toHaveLength(1);
  });

  it('is recognized after its answer is lost, and counts as written', async () => {
    store.proxy.loseAnswers(1);
    const result = await gateStore.write({ ...acquires(0, 'me'), account: ACCOUNT }, EMPTY_GATE);
    expect(result).toMatchObject({ kind: 'written', view: { account: ACCOUNT } });
    expect(result.view.slots.get(0)).toMatchObject({ holder: 'me' });
  });

  it('is recognized even if one of its parts was changed since', async () => {
    store.proxy.loseAnswers(1, async () => {
      const seen = await gateStore.read();
      await gateStore.write({ slots: new Map(), account: {}, dependsOn: { slots: [], account: true } }, seen);
    });
    const result = await gateStore.write({ ...acquires(0, 'me'), account: ACCOUNT }, EMPTY_GATE);
    expect(result).toMatchObject({ kind: 'written', view: { account: withRev({}) } });
    expect(result.view.slots.get(0)).toMatchObject({ holder: 'me' });
  });

  it('does not mistake another process’s write for its own after a lost answer', async () => {
    await gateStore.write(acquires(0, 'me'), EMPTY_GATE);
    store.proxy.loseAnswers(1);
    expect((await gateStore.write(acquires(0, 'me'), EMPTY_GATE)).kind).toBe('conflict');
  });
});

it('the gate on this store admits as many calls as there are slots, from any number of processes', async () => {
  const settings = { slots: 5, windowMs: 60_000, dailyCallLimit: 1_000 };
  const admissions = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      createGate({ store: createGateStore(store.client, TABLE), settings, clock: () => 1_000 }).acquire({
        attemptId: `attempt-${index}`,
        leaseUntil: 2_000,
        key: 'fingerprint',
      }),
    ),
  );
  expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(5);
});
