import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import type { AvatarRecord, Status } from '../../lambda/domain/record/record.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import { acceptedAsInvalid, acceptedAsQueued } from '../../lambda/domain/submission/submission-rules.ts';
import { AVATAR } from '../support/requests.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const NOW = T0 + 24 * 60 * 60_000;

/** The longest request that the contract allows. */
const LONG = {
  ...AVATAR,
  appearance: 'a'.repeat(2_000),
  background: 'b'.repeat(2_000),
  image_url: `https://example.com/${'c'.repeat(4_000)}`,
};

/** The fields of record `index`, a minute younger than the one before. */
const fresh = (index: number) => {
  const now = T0 + index * 60_000;
  return {
    at: { now, by: 'invocation' },
    record: { id: timeOrderedId(now), source: 'queue', caller: 'someone' } as const,
  };
};
/** A queued request of 11 KB, with a history of some attempts. */
const long = (index: number): AvatarRecord => {
  const { record, at } = fresh(index);
  const queued = acceptedAsQueued({ ...record, request: LONG }, at);
  const history = queued.history.flatMap((entry) => Array<typeof entry>(30).fill(entry));
  return { ...queued, history };
};
/** An invalid event with a body of 64 KB, to be published. */
const invalid = (index: number): AvatarRecord => {
  const { record, at } = fresh(index);
  return acceptedAsInvalid({ ...record, body: 'x'.repeat(64 * 1024), errors: [] }, at);
};

let store: Store;
let ledger: ReturnType<typeof createLedger>;
/** Items that each Query returned. */
const reads: number[] = [];
/** All records, newest first: three long ones to each invalid event. */
const records: AvatarRecord[] = [];
beforeAll(async () => {
  store = await startStore();
  store.client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      if (result.output && 'Items' in result.output) reads.push(Object(result.output.Items).length);
      return result;
    },
    { step: 'initialize' },
  );
  ledger = createLedger({ client: store.client, tableName: TABLE });
  for (let index = 0; index < 160; index += 1) {
    const record = index % 4 === 3 ? invalid(index) : long(index);
    await ledger.create(record);
    records.unshift(record);
  }
});
afterAll(() => store?.close());

const idsOf = (found: readonly AvatarRecord[]): string[] => found.map(({ id }) => id);
const withStatus = (status: Status): AvatarRecord[] => records.filter((record) => record.status === status);
const oldestFirst = (status: Status): string[] => idsOf(withStatus(status)).toReversed();

describe('the due records', () => {
  it('are all found, though a page of DynamoDB ends at 1 MB: 40 events with bodies of 64 KB', async () => {
    const due = await ledger.due('announcing', { now: NOW, limit: 100 });
    expect(idsOf(due)).toEqual(oldestFirst('rejected'));
    expect(due).toHaveLength(40);
  });

  it('are all found, though a page of DynamoDB ends at 1 MB: 120 records of 11 KB', async () => {
    const due = await ledger.due('queued', { now: NOW, limit: 200 });
    expect(idsOf(due)).toEqual(oldestFirst('queued'));
    expect(due).toHaveLength(120);
  });

  it('are read up to the limit and no further', async () => {
    reads.length = 0;
    expect(idsOf(await ledger.due('queued', { now: NOW, limit: 25 }))).toEqual(
      oldestFirst('queued').slice(0, 25),
    );
    expect(reads).toEqual([25]);
  });

  it('continue after a given one, and those before it are not read again', async () => {
    const found: string[] = [];
    reads.length = 0;
    let after: AvatarRecord | undefined;
    for (let page = 0; page < 5; page += 1) {
      const due = await ledger.due('queued', { now: NOW, limit: 25, after });
      found.push(...idsOf(due));
      after = due.at(-1);
    }
    expect(found).toEqual(oldestFirst('queued'));
    expect(reads.reduce((sum, count) => sum + count)).toBe(120);
  });
});

describe('a list of large records', () => {
  const walk = async (limit: number, status?: Status): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let after: Parameters<typeof ledger.list>[0]['after']; ; ) {
      const page = await ledger.list({ limit, status, after });
      pages.push(idsOf(page.records));
      if (!page.next) return pages;
      after = page.next;
    }
  };

  it.each([7, 50, 100, 160])('in pages of %i has every record once, newest first', async (limit) => {
    const pages = await walk(limit);
    expect(pages.flat()).toEqual(idsOf(records));
    expect(pages).toHaveLength(Math.ceil(160 / limit));
  });

  it.each(['queued', 'rejected'] as const)('of one status has every record once: %s', async (status) => {
    expect((await walk(100, status)).flat()).toEqual(idsOf(withStatus(status)));
  });

  it('reads little more than it returns', async () => {
    reads.length = 0;
    await ledger.list({ limit: 10 });
    expect(reads.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(22);
  });
});
