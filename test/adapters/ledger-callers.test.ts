import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import type { ListQuery } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import { acceptedAsInvalid, acceptedAsQueued } from '../../lambda/domain/submission/submission-rules.ts';
import { AVATAR } from '../support/requests.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);

let store: Store;
let ledger: ReturnType<typeof createLedger>;
beforeAll(async () => {
  store = await startStore();
  ledger = createLedger({ client: store.client, tableName: TABLE });
});
afterAll(() => store.close());

let minute = 0;
/** A record of this caller, a minute younger than the one before: queued, or rejected with a body of 64 KB. */
const given = async (caller: string, isValid = true): Promise<AvatarRecord> => {
  minute += 1;
  const now = T0 + minute * 60_000;
  const at = { now, by: 'invocation' };
  const fresh = { id: timeOrderedId(now), source: 'http', caller } as const;
  const record = isValid
    ? acceptedAsQueued({ ...fresh, request: AVATAR }, at)
    : acceptedAsInvalid({ ...fresh, body: 'x'.repeat(64 * 1024), errors: [] }, at);
  await ledger.create(record);
  return record;
};

/** All pages of a list, and the number of records on each. */
const pages = async (query: ListQuery) => {
  const found: AvatarRecord[] = [];
  const sizes: number[] = [];
  let { after } = query;
  do {
    const { records, next } = await ledger.list({ ...query, after });
    found.push(...records);
    sizes.push(records.length);
    after = next;
  } while (after);
  return { ids: found.map(({ id }) => id), sizes };
};

const ids = (records: readonly AvatarRecord[]) => records.map(({ id }) => id);

describe('the list of one caller', () => {
  it('has its records of every status, newest first, and none of another caller', async () => {
    const first = await given('arn:ann');
    await given('arn:ann/2');
    const second = await given('arn:ann', false);
    expect((await pages({ caller: 'arn:ann', limit: 10 })).ids).toEqual(ids([second, first]));
    expect(await ledger.list({ caller: 'arn:an', limit: 10 })).toEqual({ records: [] });
  });

  it('has those of one status, found behind many large ones of another', async () => {
    const wanted = [await given('arn:bob'), await given('arn:bob')];
    // More than two pages of 1 MB.
    for (let count = 0; count < 40; count += 1) await given('arn:bob', false);
    const query = { caller: 'arn:bob', status: 'queued', limit: 10 } as const;
    expect(await pages(query)).toEqual({ ids: ids(wanted.toReversed()), sizes: [2] });
  });

  it('is read in pages, each record once', async () => {
    const records: AvatarRecord[] = [];
    for (let count = 0; count < 7; count += 1) records.push(await given('arn:cleo'));
    const { ids: found, sizes } = await pages({ caller: 'arn:cleo', limit: 3 });
    expect(found).toEqual(ids(records.toReversed()));
    expect(sizes).toEqual([3, 3, 1]);
    const filtered = await pages({ caller: 'arn:cleo', status: 'queued', limit: 3 });
    expect(filtered).toEqual({ ids: found, sizes });
  });
});

it.each([
  ['no text', ''],
  ['more text than an index holds', `https://issuer.example.com#${'ü'.repeat(3_000)}`],
])('a caller with %s is recorded, and found as it is recorded', async (_, caller) => {
  const { id } = await given(caller);
  const recorded = (await ledger.get(id))?.caller ?? '';
  expect(recorded).not.toBe('');
  expect((await pages({ caller: recorded, limit: 10 })).ids).toContain(id);
});
