import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccountNotes } from '../../lambda/adapters/account-notes.ts';
import { toItem } from '../../lambda/adapters/aws/dynamodb.ts';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import { acceptedAsQueued } from '../../lambda/domain/submission/submission-rules.ts';
import { UnreadableItem } from '../../lambda/domain/unreadable-item.ts';
import { FULL_AVATAR } from '../support/requests.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const NOW = T0 + 24 * 60 * 60_000;

let store: Store;
let reported: { readonly id: string; readonly fields: readonly string[] }[];
const onUnreadable = (id: string, fields: readonly string[]) => void reported.push({ id, fields });
const ledger = () => createLedger({ client: store.client, tableName: TABLE, onUnreadable });
beforeAll(async () => {
  store = await startStore();
});
beforeEach(() => {
  reported = [];
});
afterAll(() => store?.close());

let minutes = 0;
const queued = async (): Promise<AvatarRecord> => {
  minutes += 1;
  const now = T0 + minutes * 60_000;
  const fresh = { id: timeOrderedId(now), source: 'http', caller: 'someone', request: FULL_AVATAR } as const;
  const record = acceptedAsQueued(fresh, { now, by: 'invocation' });
  await ledger().create(record);
  return record;
};

/** Changes one attribute of an item, as a person in the console or another version of the service may. */
const edit = (id: string, attribute: string, value: unknown) =>
  store.client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: toItem({ id }),
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: toItem({ ':value': value }),
    }),
  );

describe('a record that cannot be read', () => {
  it('is left out of lists and of due records, which hold all others up to their limit', async () => {
    const records: AvatarRecord[] = [];
    for (let count = 0; count < 12; count += 1) records.push(await queued());
    const odd = records.filter((_, index) => index % 2 === 0);
    const others = records.filter((_, index) => index % 2 === 1);
    for (const { id } of odd) await edit(id, 'version', 'second');

    expect(await ledger().due('queued', { now: NOW, limit: 100 })).toEqual(others);
    expect(await ledger().due('queued', { now: NOW, limit: 6 })).toEqual(others);
    expect(await ledger().due('queued', { now: NOW, limit: 1 })).toEqual(others.slice(0, 1));
    expect((await ledger().list({ limit: 100 })).records).toEqual(others.toReversed());
    const first = await ledger().list({ limit: 4, status: 'queued' });
    const second = await ledger().list({ limit: 4, status: 'queued', after: first.next });
    expect([...first.records, ...second.records]).toEqual(others.toReversed());
    expect(second.next).toBeUndefined();
    expect(new Set(reported.map(({ id }) => id))).toEqual(new Set(odd.map(({ id }) => id)));
  });

  it('is reported by its id and the names of its fields, not by its content', async () => {
    const { id } = await queued();
    await edit(id, 'history', [{ status: 'a private text', at: 'yesterday', by: 'someone' }]);
    await expect(ledger().get(id)).rejects.toThrow(UnreadableItem);
    expect(reported).toEqual([{ id, fields: ['history.0.status', 'history.0.at'] }]);
  });

  it('is reported, too, if a number in it is beyond those of JavaScript', async () => {
    const { id } = await queued();
    await store.client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: toItem({ id }),
        UpdateExpression: 'SET attempts = :value',
        ExpressionAttributeValues: { ':value': { N: '1234567890123456789012345.5' } },
      }),
    );
    const error = await ledger()
      .get(id)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreadableItem);
    expect(String(error)).not.toContain('12345678901');
    expect(reported).toEqual([{ id, fields: [] }]);
    await edit(id, 'attempts', 0);
  });

  it('is not replaced, and a second one is not created in its place', async () => {
    const record = await queued();
    await edit(record.id, 'version', 'second');
    await expect(ledger().create(record)).rejects.toThrow(UnreadableItem);
    expect(await ledger().replace({ ...record, version: record.version + 1 })).toEqual({
      kind: 'conflict',
      record: undefined,
    });
    const item = (await store.items()).find(({ id }) => id === record.id);
    expect(item).toMatchObject({ version: 'second', caller: 'someone' });
  });
});

const SLOT = { until: 0, holder: 'attempt', calls: 1, day: '2026-11-22', rev: 'r' };
const BLOCK = {
  reason: 'insufficient_credit',
  since: 1,
  until: NOW,
  refusedProbes: 0,
  key: 'fingerprint',
};

describe('the gate, while its item cannot be read,', () => {
  const gate = () =>
    createGate({
      store: createGateStore(store.client, TABLE, onUnreadable),
      settings: { slots: 2, windowMs: 60_000, dailyCallLimit: 1_000 },
      clock: () => NOW,
    });
  const request = { attemptId: 'attempt', leaseUntil: NOW + 1_000, key: 'fingerprint' };

  it.each([
    ['a slot without an end', { slot0: { ...SLOT, until: undefined } }],
    ['a slot that is null', { slot0: null }],
    ['negative calls', { slot0: { ...SLOT, calls: -1_000_000 } }],
    ['a day in another format', { slot0: { ...SLOT, day: '23 Nov 2026' } }],
    ['an account that is text', { account: 'paused' }],
    ['an account that is null', { account: null }],
    ['a pause in another form', { account: { rev: 'r', pause: true } }],
    ['an unknown reason of a block', { account: { rev: 'r', block: { ...BLOCK, reason: 'overdue' } } }],
    ['a block without an end', { account: { rev: 'r', block: { ...BLOCK, until: undefined } } }],
    ['the name of its table as a number', { ledger: 4711 }],
    ['a wait that is text', { account: { rev: 'r', waitUntil: 'tomorrow' } }],
  ])('admits no call, says so, and is reported: %s', async (_, parts) => {
    await store.client.send(new PutItemCommand({ TableName: TABLE, Item: toItem({ id: 'gate', ...parts }) }));
    for (const use of [gate().acquire(request), gate().snapshot('fingerprint'), gate().pause({ by: 'me' })]) {
      await expect(use).rejects.toThrow(/no paid calls are made/);
    }
    expect(new Set(reported.map(({ id }) => id))).toEqual(new Set(['gate']));
    expect(JSON.stringify(reported)).not.toMatch(/overdue|tomorrow|paused|23 Nov/);
  });

  it('admits no call that was decided on an earlier view', async () => {
    await store.client.send(
      new PutItemCommand({ TableName: TABLE, Item: toItem({ id: 'gate', account: { rev: 'r' } }) }),
    );
    const warm = gate();
    await warm.warmUp();
    // The revisions that the decision depends on are unchanged.
    await edit('gate', 'account', { rev: 'r', pause: 'by an operator' });
    await expect(warm.acquire(request)).rejects.toThrow(UnreadableItem);
  });
});

it('notes about the account that cannot be read count as none, are reported, and are replaced by the next ones', async () => {
  const notes = createAccountNotes(store.client, TABLE, onUnreadable);
  await notes.write({ credits: { left: 3, at: 1 } });
  await edit('account-notes', 'credits', 'a lot');
  expect(await notes.read()).toEqual({});
  expect(reported).toEqual([{ id: 'account-notes', fields: ['credits'] }]);
  await notes.write({ credits: { left: 4, at: 2 } });
  expect(await notes.read()).toEqual({ credits: { left: 4, at: 2 } });
});
