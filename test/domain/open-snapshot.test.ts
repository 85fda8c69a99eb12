import { beforeEach, expect, it } from 'vitest';
import { openSnapshot } from '../../lambda/domain/record/open-snapshot.ts';
import { instantOf } from '../../lambda/domain/record/record.ts';
import { acceptedAsQueued, claimed } from '../../lambda/domain/submission/submission-rules.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { withOpenIndex } from '../../model/open-index.ts';
import { generating, MINUTE, T0 } from '../support/completion-world.ts';
import { AVATAR } from '../support/requests.ts';

/** More records than one read may return. */
const MANY = 30;

const queued = (id: string, now: number) =>
  acceptedAsQueued({ id, source: 'http', caller: 'someone', request: AVATAR }, { now, by: 'api' });

const ids = (records: readonly { readonly id: string }[]): string[] => records.map(({ id }) => id);

/** A ledger, and the reads of it. */
const createLedger = () => {
  const records = createInMemoryLedger();
  const open = withOpenIndex(records);
  const reads: string[] = [];
  const state: { isDown: boolean } = { isDown: false };
  const ledger: Parameters<typeof openSnapshot>[0] = {
    async allOpen(limit) {
      reads.push('all open');
      if (state.isDown) throw new Error('The store is down.');
      return open.allOpen(limit);
    },
    due(wanted, query) {
      reads.push(`${wanted} due`);
      return open.due(wanted, query);
    },
    async oldest(status) {
      reads.push(`oldest ${status}`);
      return undefined;
    },
  };
  return { ...open, ledger, reads, state };
};

let world: ReturnType<typeof createLedger>;
beforeEach(() => {
  world = createLedger();
});

const now = T0 + MINUTE;
const first = { now, limit: 10 };

it('with nothing open, one read answers all parts of a run', async () => {
  const read = openSnapshot(world.ledger);
  const [sweep, drain, completion] = [read(), read(), read()];
  expect(await sweep.due('submitting', first)).toEqual([]);
  expect(await drain.due('queued', first)).toEqual([]);
  for (const step of ['announcing', 'erasing', 'copying', 'generating'] as const) {
    expect(await completion.due(step, first)).toEqual([]);
  }
  expect(await completion.oldest('generating')).toBeUndefined();
  expect(world.reads).toEqual(['all open']);
});

it('with few open records, each part finds those that are due, the longest due first, and the oldest generation', async () => {
  for (const record of [queued('later', T0 + 2), queued('first', T0), queued('future', now + 1)]) {
    await world.create(record);
  }
  const younger = generating('younger', T0 + 1);
  await world.create({ ...younger, dueAt: instantOf(T0) });
  await world.create(generating('older', T0));
  const read = openSnapshot(world.ledger);
  expect(ids(await read().due('queued', first))).toEqual(['first', 'later']);
  expect(ids(await read().due('generating', first))).toEqual(['younger', 'older']);
  expect(await read().oldest('generating')).toMatchObject({ id: 'older' });
  expect(world.reads).toEqual(['all open']);
});

it('a part that asks again reads the ledger as it is then', async () => {
  await world.create(queued('first', T0));
  const line = openSnapshot(world.ledger)();
  const [record] = await line.due('queued', first);
  const claim = { attemptId: 'attempt', leaseUntil: now, now, by: 'dispatch' };
  if (record?.request) await world.replace(claimed({ ...record, request: record.request }, claim));
  await world.create(queued('second', T0 + 1));
  expect(ids(await line.due('queued', first))).toEqual(['second']);
  expect(world.reads).toEqual(['all open', 'queued due']);
});

it('pages continue where the page before ended, also between records that are due at the same time', async () => {
  for (let index = 0; index < 20; index += 1) await world.create(queued(`record-${index}`, T0));
  const line = openSnapshot(world.ledger)();
  const page = await line.due('queued', { now, limit: 12 });
  const rest = await line.due('queued', { now, limit: 12, after: page.at(-1) });
  expect(new Set(ids([...page, ...rest])).size).toBe(20);
  expect(world.reads).toEqual(['all open']);
});

it.each([
  ['more is open than one read returns', MANY, false],
  ['that read fails', 1, true],
])('each part reads the ledger for itself if %s', async (_, count, isDown) => {
  for (let index = 0; index < count; index += 1) await world.create(queued(`record-${index}`, T0 + index));
  world.state.isDown = isDown;
  const line = openSnapshot(world.ledger)();
  const page = await line.due('queued', first);
  const next = await line.due('queued', { ...first, after: page.at(-1) });
  await line.oldest('generating');
  expect(page).toHaveLength(Math.min(count, 10));
  expect(next).toHaveLength(Math.min(count - page.length, 10));
  expect(world.reads).toEqual(['all open', 'queued due', 'queued due', 'oldest generating']);
});
