import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { announced } from '../../lambda/domain/generation.ts';
import { timeOrderedId } from '../../lambda/domain/identity.ts';
import { judge } from '../../lambda/domain/outcome.ts';
import { type AvatarRecord, instantOf, type Status } from '../../lambda/domain/record.ts';
import { acceptedAsClaimed, acceptedAsQueued, settled, turnedBack } from '../../lambda/domain/submitting.ts';
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
/** Every record is a minute younger than the one before. */
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
const ACCEPTED = judge({ kind: 'accepted', photoId: 'photo-1' }, 'now');
const IN_DOUBT = judge({ kind: 'no_answer', cause: 'x' }, 'now');
const moveOn = (record: ReturnType<typeof claimed>, verdict = ACCEPTED) =>
  settled(record, verdict, { now: T0, by: 'invocation' });
const itemOf = async (id: string) => (await store.items()).find((item) => item.id === id);

describe('a new record', () => {
  it('is stored whole, and found by its id', async () => {
    const record = claimed();
    expect(await ledger.create(record)).toEqual({ kind: 'created' });
    expect(await ledger.get(record.id)).toEqual(record);
  });

  it('does not overwrite the one that has its id already, and gets to see it', async () => {
    const record = queued();
    await ledger.create(record);
    const other = { ...queued(), id: record.id, caller: 'someone else' };
    expect(await ledger.create(other)).toEqual({ kind: 'exists', record });
    expect(await ledger.get(record.id)).toEqual(record);
  });

  it('is created once, however many try at the same moment', async () => {
    const record = queued();
    const tries = Array.from({ length: 10 }, (_, index) => ({ ...record, caller: `caller-${index}` }));
    const results = await Promise.all(tries.map((each) => ledger.create(each)));
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  });

  it('meets itself when the answer to its creation gets lost, and counts as created', async () => {
    const record = queued();
    const before = store.proxy.operations.length;
    store.proxy.loseAnswers(1);
    expect(await ledger.create(record)).toEqual({ kind: 'created' });
    expect(store.proxy.operations.slice(before).filter((name) => name === 'PutItem')).toHaveLength(2);
  });

  it('does not take somebody else’s for its own, though an answer gets lost', async () => {
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
    const next = moveOn(record);
    expect(await ledger.replace(next)).toEqual({ kind: 'stored' });
    expect(await ledger.get(record.id)).toEqual(next);
  });

  it('does not overwrite a newer version, and gets to see it', async () => {
    const record = claimed();
    await ledger.create(record);
    const next = moveOn(record);
    await ledger.replace(next);
    expect(await ledger.replace(moveOn(record, IN_DOUBT))).toEqual({ kind: 'conflict', record: next });
    expect(await ledger.get(record.id)).toEqual(next);
  });

  it('creates nothing where there is nothing', async () => {
    const record = claimed();
    expect(await ledger.replace(moveOn(record))).toEqual({ kind: 'conflict', record: undefined });
    expect(await ledger.get(record.id)).toBeUndefined();
  });

  it('is made by one of those who try at the same moment', async () => {
    const record = claimed();
    await ledger.create(record);
    const results = await Promise.all(Array.from({ length: 10 }, () => ledger.replace(moveOn(record))));
    expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
  });

  it('meets itself when its answer gets lost, and counts as stored', async () => {
    const record = claimed();
    await ledger.create(record);
    store.proxy.loseAnswers(1);
    expect(await ledger.replace(moveOn(record))).toEqual({ kind: 'stored' });
  });

  it('survives two lost answers in a row', async () => {
    const record = claimed();
    await ledger.create(record);
    store.proxy.loseAnswers(2);
    expect(await ledger.replace(moveOn(record))).toEqual({ kind: 'stored' });
  });
});

it('a store that does not answer is an error after a few tries', async () => {
  store.proxy.refuse(true);
  await expect(ledger.create(queued())).rejects.toThrow();
});

describe('the index of what is left to be done', () => {
  it('holds a record while something is due for it, and no longer', async () => {
    const record = claimed();
    await ledger.create(record);
    expect(await itemOf(record.id)).toMatchObject({ open: 'submitting', dueAt: record.dueAt });
    const inDoubt = moveOn(record, IN_DOUBT);
    await ledger.replace(inDoubt);
    expect(await itemOf(record.id)).toMatchObject({ open: 'announcing', dueAt: inDoubt.dueAt });
    await ledger.replace(announced(inDoubt, { now: T0, by: 'x' }));
    const item = await itemOf(record.id);
    expect(item).not.toHaveProperty('open');
    expect(item).not.toHaveProperty('dueAt');
  });

  it('gives those that are due, the longest due first, and no others', async () => {
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
    return announced(turnedBack(claimed(), { code: 'paused', message: '', advice: '' }, at), at);
  };

  it('gives a finished record an end, in epoch seconds', async () => {
    expect(await created(2, finished())).toBe(T0 / 1_000 + 2 * 86_400);
  });

  it('gives none to a record on which something is left to be done, nor without configuration', async () => {
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

  const idsOf = (found: readonly AvatarRecord[]) => found.map(({ id }) => id);
  const walk = async (limit: number, status?: Status, between: () => Promise<void> = async () => {}) => {
    const pages: string[][] = [];
    for (let after: Parameters<typeof list.list>[0]['after']; ; ) {
      const page = await list.list({ limit, status, after });
      pages.push(idsOf(page.records));
      if (!page.next) return pages;
      after = page.next;
      await between();
    }
  };

  it('is newest first over all states', async () => {
    expect((await list.list({ limit: 100 })).records).toEqual(records);
  });

  it('is newest first for one state', async () => {
    const expected = records.filter(({ status }) => status === 'submitting');
    expect((await list.list({ limit: 100, status: 'submitting' })).records).toEqual(expected);
    expect((await list.list({ limit: 100, status: 'failed' })).records).toEqual([]);
  });

  it.each([1, 5, 6, 11, 12])('in pages of %i leaves nothing out, repeats nothing and ends', async (limit) => {
    const pages = await walk(limit);
    expect(pages.flat()).toEqual(idsOf(records));
    expect(pages).toHaveLength(Math.ceil(12 / limit));
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
  });

  it('keeps two records of the same moment apart', async () => {
    const twin = { ...queued(), createdAt: instantOf(T0 - 1) };
    const other = { ...queued(), createdAt: instantOf(T0 - 1) };
    for (const each of [twin, other]) await list.create(each);
    const found = (await walk(1)).flat();
    expect(found.slice(-2).sort()).toEqual([twin.id, other.id].sort());
  });

  it('goes on where it was, though records change their state between the pages', async () => {
    const waiting = records.filter(({ status }) => status === 'submitting');
    const pages = await walk(3, undefined, async () => {
      const next = waiting.pop();
      if (next?.attempt) await list.replace({ ...next, version: next.version + 1, status: 'generating' });
    });
    const found = pages.flat();
    expect(new Set(found).size).toBe(found.length);
    expect(found.slice(0, 12)).toEqual(idsOf(records));
  });
});
