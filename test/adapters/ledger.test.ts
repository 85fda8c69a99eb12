import type { ServiceInputTypes } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { published } from '../../lambda/domain/generation/generation-rules.ts';
import { nextState } from '../../lambda/domain/outcome.ts';
import { type AvatarRecord, instantOf, type Status } from '../../lambda/domain/record/record.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import {
  acceptedAsClaimed,
  acceptedAsQueued,
  rejectedByGate,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { FULL_AVATAR } from '../support/requests.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

let store: Store;
let ledger: ReturnType<typeof createLedger>;
beforeAll(async () => {
  store = await startStore();
  ledger = createLedger({ client: store.client, tableName: TABLE });
});
afterEach(() => {
  store.proxy.loseAnswers(0);
  store.proxy.refuse(false);
});
afterAll(() => store.close());

const T0 = Date.UTC(2026, 10, 22, 12);
let minutes = 0;
/** Each record is created one minute after the previous one. */
const fresh = () => {
  minutes += 1;
  const now = T0 + minutes * 60_000;
  return {
    at: { now, by: 'invocation' },
    record: { id: timeOrderedId(now), source: 'http', caller: 'someone', request: FULL_AVATAR } as const,
  };
};
const queued = (): AvatarRecord => {
  const { record, at } = fresh();
  return acceptedAsQueued(record, at);
};
const claimed = () => {
  const { record, at } = fresh();
  return acceptedAsClaimed(record, { ...at, attemptId: 'attempt', leaseUntil: at.now + 34_000 });
};
const ACCEPTED = nextState({ kind: 'accepted', photoId: 'photo-1' }, 'sync');
const IN_DOUBT = nextState({ kind: 'no_answer', cause: 'x' }, 'sync');
const advanced = (record: ReturnType<typeof claimed>, transition = ACCEPTED) =>
  withOutcome(record, transition, { now: T0, by: 'invocation' });
const itemOf = async (id: string) => (await store.items()).find((item) => item.id === id);

describe('a new record', () => {
  it('is stored completely, and found by its id', async () => {
    const record = claimed();
    expect(await ledger.create(record)).toEqual({ kind: 'created' });
    expect(await ledger.get(record.id)).toEqual(record);
  });

  it('does not overwrite a record with the same id, and returns it', async () => {
    const record = queued();
    await ledger.create(record);
    const other = { ...queued(), id: record.id, caller: 'someone else' };
    expect(await ledger.create(other)).toEqual({ kind: 'exists', record });
    expect(await ledger.get(record.id)).toEqual(record);
  });

  it('is created once by concurrent requests', async () => {
    const record = queued();
    const versions = Array.from({ length: 10 }, (_, index) => ({ ...record, caller: `caller-${index}` }));
    const results = await Promise.all(versions.map((each) => ledger.create(each)));
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  });

  it('is recognized after the answer to its creation is lost, and counts as created', async () => {
    const record = queued();
    const before = store.proxy.operations.length;
    store.proxy.loseAnswers(1);
    expect(await ledger.create(record)).toEqual({ kind: 'created' });
    expect(store.proxy.operations.slice(before).filter((name) => name === 'PutItem')).toHaveLength(2);
  });

  it('does not mistake another process’s record for its own after a lost answer', async () => {
    const record = queued();
    await ledger.create(record);
    store.proxy.loseAnswers(1);
    expect(await ledger.create({ ...record })).toEqual({ kind: 'exists', record });
  });
});

describe('a change', () => {
  it('replaces the version that it was made from', async () => {
    const record = claimed();
    await ledger.create(record);
    const next = advanced(record);
    expect(await ledger.replace(next)).toEqual({ kind: 'stored' });
    expect(await ledger.get(record.id)).toEqual(next);
  });

  it('does not overwrite a newer version, and returns it', async () => {
    const record = claimed();
    await ledger.create(record);
    const next = advanced(record);
    await ledger.replace(next);
    expect(await ledger.replace(advanced(record, IN_DOUBT))).toEqual({ kind: 'conflict', record: next });
    expect(await ledger.get(record.id)).toEqual(next);
  });

  it('does not create a missing record', async () => {
    const record = claimed();
    expect(await ledger.replace(advanced(record))).toEqual({ kind: 'conflict', record: undefined });
    expect(await ledger.get(record.id)).toBeUndefined();
  });

  it('is stored once by concurrent requests', async () => {
    const record = claimed();
    await ledger.create(record);
    const results = await Promise.all(Array.from({ length: 10 }, () => ledger.replace(advanced(record))));
    expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
  });

  it('is recognized after its answer is lost, and counts as stored', async () => {
    const record = claimed();
    await ledger.create(record);
    store.proxy.loseAnswers(1);
    expect(await ledger.replace(advanced(record))).toEqual({ kind: 'stored' });
  });

  it('is stored despite two lost answers in a row', async () => {
    const record = claimed();
    await ledger.create(record);
    store.proxy.loseAnswers(2);
    expect(await ledger.replace(advanced(record))).toEqual({ kind: 'stored' });
  });
});

it('a store that does not answer is an error after a few attempts', async () => {
  store.proxy.refuse(true);
  await expect(ledger.create(queued())).rejects.toThrow();
});

describe('the index of open records', () => {
  it('contains a record only while work is left', async () => {
    const record = claimed();
    await ledger.create(record);
    expect(await itemOf(record.id)).toMatchObject({ open: 'submitting', dueAt: record.dueAt });
    const inDoubt = advanced(record, IN_DOUBT);
    await ledger.replace(inDoubt);
    expect(await itemOf(record.id)).toMatchObject({ open: 'announcing', dueAt: inDoubt.dueAt });
    await ledger.replace(published(inDoubt, { now: T0, by: 'x' }));
    const item = await itemOf(record.id);
    expect(item).not.toHaveProperty('open');
    expect(item).not.toHaveProperty('dueAt');
  });

  it('returns the due records, the longest due first, and no others', async () => {
    const [first, second, later] = [queued(), queued(), queued()];
    for (const record of [second, later, first]) await ledger.create(record);
    const now = Date.parse(second.dueAt ?? '');
    const due = (await ledger.due('queued', { now, limit: 100 })).map(({ id }) => id);
    expect(due.slice(-2)).toEqual([first.id, second.id]);
    expect(due).not.toContain(later.id);
    expect(await ledger.due('queued', { now, limit: 1 })).toHaveLength(1);
  });
});

describe('retention', () => {
  const created = async (retentionDays: number | undefined, record: AvatarRecord) => {
    await createLedger({ client: store.client, tableName: TABLE, retentionDays }).create(record);
    return (await itemOf(record.id))?.expiresAt;
  };
  const finished = () => {
    const at = { now: T0, by: 'x' };
    return published(rejectedByGate(claimed(), { code: 'paused', message: '', advice: '' }, at), at);
  };

  it('sets an expiry for a finished record, in epoch seconds', async () => {
    expect(await created(2, finished())).toBe(T0 / 1_000 + 2 * 86_400);
  });

  it('sets no expiry while work is left, or by default', async () => {
    expect(await created(2, queued())).toBeUndefined();
    expect(await created(undefined, finished())).toBeUndefined();
  });
});

describe('a list', () => {
  let list: ReturnType<typeof createLedger>;
  let own: Store;
  let records: AvatarRecord[];
  beforeEach(async () => {
    own = await startStore();
    list = createLedger({ client: own.client, tableName: TABLE });
    records = [];
    for (let count = 0; count < 12; count += 1) {
      const record = count % 3 === 0 ? claimed() : queued();
      await list.create(record);
      records.unshift(record);
    }
  });
  afterEach(() => own.close());

  /** The status that a request queries, if it queries one. */
  const statusIn = (input: ServiceInputTypes): string | undefined =>
    'ExpressionAttributeValues' in input ? input.ExpressionAttributeValues?.[':key']?.S : undefined;
  const idsOf = (found: readonly AvatarRecord[]) => found.map(({ id }) => id);
  const readPages = async (limit: number, status?: Status, between: () => Promise<void> = async () => {}) => {
    const pages: string[][] = [];
    for (let after: Parameters<typeof list.list>[0]['after']; ; ) {
      const page = await list.list({ limit, status, after });
      pages.push(idsOf(page.records));
      if (!page.next) return pages;
      after = page.next;
      await between();
    }
  };

  it('is newest first over all statuses', async () => {
    expect((await list.list({ limit: 100 })).records).toEqual(records);
  });

  it('is newest first for one status', async () => {
    const expected = records.filter(({ status }) => status === 'submitting');
    expect((await list.list({ limit: 100, status: 'submitting' })).records).toEqual(expected);
    expect((await list.list({ limit: 100, status: 'failed' })).records).toEqual([]);
  });

  it.each([1, 5, 6, 11, 12])('in pages of %i omits nothing, repeats nothing and ends', async (limit) => {
    const pages = await readPages(limit);
    expect(pages.flat()).toEqual(idsOf(records));
    expect(pages).toHaveLength(Math.ceil(12 / limit));
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
  });

  it('includes two records of the same time', async () => {
    const twin = { ...queued(), createdAt: instantOf(T0 - 1) };
    const other = { ...queued(), createdAt: instantOf(T0 - 1) };
    for (const each of [twin, other]) await list.create(each);
    const found = (await readPages(1)).flat();
    expect(found.slice(-2).sort()).toEqual([twin.id, other.id].sort());
  });

  it('continues at its position if records change their status between the pages', async () => {
    const waiting = records.filter(({ status }) => status === 'submitting');
    const pages = await readPages(3, undefined, async () => {
      const next = waiting.pop();
      if (next?.attempt) await list.replace({ ...next, version: next.version + 1, status: 'generating' });
    });
    const found = pages.flat();
    expect(new Set(found).size).toBe(found.length);
    expect(found.slice(0, 12)).toEqual(idsOf(records));
  });

  it('shows a record once if its status changes during the read and it is found under both statuses', async () => {
    const record = claimed();
    await list.create(record);
    const { promise: changed, resolve } = Promise.withResolvers<void>();
    const foundUnder: string[] = [];
    own.client.middlewareStack.add(
      (next) => async (args) => {
        const status = statusIn(args.input);
        // The record changes after the query for its old status and before the query for its new one.
        if (status === 'generating') await changed;
        const result = await next(args);
        const items = 'Items' in result.output ? (result.output.Items ?? []) : [];
        if (status !== undefined && items.some(({ id }) => id?.S === record.id)) foundUnder.push(status);
        if (status === 'submitting') {
          await list.replace(advanced(record));
          resolve();
        }
        return result;
      },
      { step: 'initialize' },
    );
    const found = await list.list({ limit: 100 });
    expect(foundUnder).toEqual(['submitting', 'generating']);
    expect(idsOf(found.records)).toEqual([record.id, ...idsOf(records)]);
  });
});
