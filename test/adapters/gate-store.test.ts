import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { EMPTY_GATE, type GateWrite, type Slot } from '../../lambda/domain/gate.ts';
import { createGate, type GateStore } from '../../lambda/domain/gatekeeper.ts';
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
const takes = (index: number, holder: string, depends: readonly number[] = [index]): GateWrite => ({
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
  it('is empty before anything was written', async () => {
    expect(await gateStore.read()).toEqual(EMPTY_GATE);
  });

  it('is read as it was written', async () => {
    const write: GateWrite = { ...takes(7, 'me'), account: ACCOUNT };
    const { kind, view } = await gateStore.write(write, EMPTY_GATE);
    expect(kind).toBe('written');
    expect(view).toEqual({ slots: new Map([[7, withRev(slot('me'))]]), account: withRev(ACCOUNT) });
    expect(await gateStore.read()).toEqual(view);
  });

  it('keeps the parts that a write does not name', async () => {
    const first = await gateStore.write({ ...takes(0, 'one'), account: ACCOUNT }, EMPTY_GATE);
    const second = await gateStore.write(takes(1, 'two'), first.view);
    expect(second.view.slots.get(0)).toEqual(first.view.slots.get(0));
    expect(second.view.account).toEqual(first.view.account);
  });

  it('loses what an account no longer has', async () => {
    const first = await gateStore.write({ ...takes(0, 'one'), account: ACCOUNT }, EMPTY_GATE);
    const { view } = await gateStore.write({ ...takes(0, 'one'), account: {} }, first.view);
    expect(view.account).toEqual(withRev({}));
  });
});

describe('a write', () => {
  it('of a slot that somebody else took meanwhile is a conflict, and shows what is there', async () => {
    const theirs = await gateStore.write(takes(0, 'them'), EMPTY_GATE);
    const mine = await gateStore.write(takes(0, 'me'), EMPTY_GATE);
    expect(mine).toEqual({ kind: 'conflict', view: theirs.view });
    expect(await gateStore.read()).toEqual(theirs.view);
  });

  it('of one slot does not mind who took another one, unless it depends on it', async () => {
    await gateStore.write(takes(0, 'them'), EMPTY_GATE);
    expect((await gateStore.write(takes(1, 'me', [0, 1, 2]), EMPTY_GATE)).kind).toBe('conflict');
    expect((await gateStore.write(takes(1, 'me'), EMPTY_GATE)).kind).toBe('written');
  });

  it('is a conflict when the account changed meanwhile', async () => {
    const pause: GateWrite = { slots: new Map(), account: ACCOUNT, dependsOn: { slots: [], account: true } };
    await gateStore.write(pause, EMPTY_GATE);
    expect((await gateStore.write(takes(0, 'me'), EMPTY_GATE)).kind).toBe('conflict');
  });

  it('of the same slot, by many at the same moment, is made by one', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => gateStore.write(takes(0, `taker-${index}`), EMPTY_GATE)),
    );
    expect(results.filter(({ kind }) => kind === 'written')).toHaveLength(1);
  });

  it('meets itself when its answer gets lost, and counts as written', async () => {
    store.proxy.loseAnswers(1);
    const result = await gateStore.write({ ...takes(0, 'me'), account: ACCOUNT }, EMPTY_GATE);
    expect(result).toMatchObject({ kind: 'written', view: { account: ACCOUNT } });
    expect(result.view.slots.get(0)).toMatchObject({ holder: 'me' });
  });

  it('meets itself also when somebody has rewritten one of its parts by then', async () => {
    store.proxy.loseAnswers(1, async () => {
      const seen = await gateStore.read();
      await gateStore.write({ slots: new Map(), account: {}, dependsOn: { slots: [], account: true } }, seen);
    });
    const result = await gateStore.write({ ...takes(0, 'me'), account: ACCOUNT }, EMPTY_GATE);
    expect(result).toMatchObject({ kind: 'written', view: { account: withRev({}) } });
    expect(result.view.slots.get(0)).toMatchObject({ holder: 'me' });
  });

  it('does not take somebody else’s for its own, though an answer gets lost', async () => {
    await gateStore.write(takes(0, 'me'), EMPTY_GATE);
    store.proxy.loseAnswers(1);
    expect((await gateStore.write(takes(0, 'me'), EMPTY_GATE)).kind).toBe('conflict');
  });
});

it('the gate over it admits as many as there are slots, from any number of processes', async () => {
  const settings = { slots: 5, windowMs: 60_000, dailyCallLimit: 1_000 };
  const admissions = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      createGate({ store: createGateStore(store.client, TABLE), settings, clock: () => 1_000 }).take({
        attemptId: `attempt-${index}`,
        leaseUntil: 2_000,
        key: 'fingerprint',
      }),
    ),
  );
  expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(5);
});
