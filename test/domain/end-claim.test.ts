import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../lambda/domain/ports.ts';
import { createWorld, keyedCommand, type World } from '../support/submission-world.ts';

const KEY = keyedCommand('order-1');
const LOST = new Error('The store did not answer.');

/** A ledger whose write number `write` (1 is the first) loses its answer; `isStored`: the write is stored. */
const losing = (world: World, write: number, isStored: boolean): { readonly ledger: Ledger } => {
  let writes = 0;
  const lose = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    writes += 1;
    if (writes !== write) return work();
    if (isStored) await work();
    throw LOST;
  };
  const { ledger } = world;
  return {
    ledger: {
      get: ledger.get,
      create: (record) => lose(() => ledger.create(record)),
      replace: (next) => lose(() => ledger.replace(next)),
    },
  };
};

describe('a claim whose write is not confirmed', () => {
  it.each([
    ['stored', true],
    ['not stored', false],
  ])('leads to no call, and to no request in doubt, if it was %s', async (_, isStored) => {
    const world = createWorld();
    const submitter = world.process(() => losing(world, 1, isStored));
    await expect(submitter.submit(KEY, world.invocation())).rejects.toThrow(LOST);
    expect(world.joggai.calls).toHaveLength(0);
    expect(await world.slotsInUse()).toBe(0);
    expect(world.ledger.records().map(({ status, charged }) => [status, charged])).toEqual(
      isStored ? [['rejected', 'no']] : [],
    );
    // The same key is used again, and is paid for once.
    const again = await world.process().submit(KEY, world.invocation());
    expect(again).toMatchObject({ record: { status: 'generating', charged: 'yes' } });
    expect(world.joggai.charges).toBe(1);
  });

  it('stays claimed if another attempt holds it', async () => {
    const world = createWorld();
    const held = { ...world.ledger };
    await world.process().submit(KEY, world.invocation());
    const submitter = world.process(() => ({
      ledger: { ...held, create: () => Promise.reject(LOST) },
    }));
    await expect(submitter.submit(KEY, world.invocation())).rejects.toThrow(LOST);
    expect(world.ledger.records()).toMatchObject([{ status: 'generating', charged: 'yes' }]);
  });
});

describe('the outcome of a paid call', () => {
  it.each([
    ['stored', true],
    ['not stored', false],
  ])('is recorded after a write whose answer was lost and that was %s', async (_, isStored) => {
    const world = createWorld();
    const submitter = world.process(() => losing(world, 2, isStored));
    expect(await submitter.submit(KEY, world.invocation())).toMatchObject({ kind: 'submitted' });
    expect(world.ledger.records()).toMatchObject([{ status: 'generating', charged: 'yes', version: 2 }]);
    expect(world.joggai.charges).toBe(1);
  });

  it('is recorded as long as the invocation lasts, and reported when it ends', async () => {
    const world = createWorld();
    const failing = (untilMs: number) =>
      world.process(({ ledger }) => ({
        ledger: {
          ...ledger,
          replace: (next) => (world.time.now < untilMs ? Promise.reject(LOST) : ledger.replace(next)),
        },
      }));
    const start = world.time.now;
    expect(await failing(start + 60_000).submit(KEY, world.invocation(100_000))).toMatchObject({
      kind: 'submitted',
    });
    expect(world.time.now - start).toBeLessThan(62_000);
    const other = keyedCommand('order-2');
    expect(await failing(Number.POSITIVE_INFINITY).submit(other, world.invocation(29_000))).toMatchObject({
      kind: 'unrecorded',
    });
    expect(world.reported.at(-1)).toBe('not recorded Error');
  });
});

describe('a request that the gate does not admit', () => {
  it('returns to the queue after a write whose answer was lost', async () => {
    const world = createWorld({ slots: 1 });
    await world.process().submit(keyedCommand('first'), world.invocation());
    const submitter = world.process(() => losing(world, 2, true));
    expect(await submitter.submit(KEY, world.invocation())).toMatchObject({ kind: 'queued' });
    expect(world.ledger.records().map(({ status }) => status)).toEqual(['generating', 'queued']);
  });
});
