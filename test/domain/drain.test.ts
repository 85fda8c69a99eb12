import { describe, expect, it } from 'vitest';
import { createDrainWorld, DISPATCH, INTAKE, line, MINUTE } from '../support/drain-world.ts';

const REFUSED = {
  kind: 'refused',
  reason: 'insufficient_credit',
  code: 18020,
  message: 'Insufficient credit',
} as const;

describe('a drain', () => {
  it('submits what is queued, the oldest first, and ends when nothing is left', async () => {
    const { time, enqueue, drain, sent, record } = createDrainWorld();
    await enqueue('first', 'second', 'third');
    expect(await time.finish(drain())).toEqual({ calls: 3, end: { kind: 'empty' } });
    expect(sent()).toEqual(['first', 'second', 'third']);
    expect(await record('first')).toMatchObject({ status: 'generating', photoId: 'photo of first' });
  });

  it('makes no more calls at the same time than it may, and as many as that', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...line(10));
    await time.finish(drain({ concurrency: 3, patient: true }));
    expect(joggai.mostAtOnce).toBe(3);
    expect(joggai.calls).toHaveLength(10);
  });

  it('returns when its last call has ended, not before', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ callMs: 15_000 });
    await enqueue('only');
    await time.finish(drain());
    expect(joggai.atOnce).toBe(0);
  });

  it('puts back in its place a request that JoggAI did not take, and goes on with it when it may', async () => {
    const { time, enqueue, drain, joggai, sent, record } = createDrainWorld();
    await enqueue('first', 'second');
    joggai.answer = (name) => {
      joggai.answer = (next) => ({ kind: 'accepted', photoId: `photo of ${next}` });
      return name === 'first'
        ? { kind: 'not_sent', cause: 'ECONNREFUSED' }
        : { kind: 'turned_away', httpStatus: 403 };
    };
    expect(await time.finish(drain({ concurrency: 1, patient: true }))).toMatchObject({
      end: { kind: 'empty' },
    });
    expect(sent()).toEqual(['first', 'first', 'second']);
    expect(await record('first')).toMatchObject({ status: 'generating', attempts: 2 });
  });

  it('has nothing to do with an empty line', async () => {
    const { time, drain, store } = createDrainWorld();
    expect(await time.finish(drain())).toEqual({ calls: 0, end: { kind: 'empty' } });
    expect(store.counts).toEqual({ reads: 0, writes: 0, conflicts: 0 });
  });
});

describe('with all slots taken', () => {
  it('a patient drain waits for the next one', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ slots: 2 });
    await enqueue(...line(3));
    expect(await time.finish(drain())).toMatchObject({ calls: 3, end: { kind: 'empty' } });
    const [first, , third] = joggai.calls;
    // A window after the first answer, and hardly later.
    const waitedMs = (third?.atMs ?? 0) - (first?.atMs ?? 0) - MINUTE - 500;
    expect(waitedMs).toBeGreaterThanOrEqual(0);
    expect(waitedMs).toBeLessThan(100);
  });

  it('one that is not leaves the rest to others', async () => {
    const { time, enqueue, drain, record } = createDrainWorld({ slots: 2 });
    await enqueue(...line(3));
    expect(await time.finish(drain(INTAKE))).toMatchObject({
      calls: 2,
      end: { kind: 'closed', why: { kind: 'full' } },
    });
    expect(await record('request 2')).toMatchObject({ status: 'queued', attempts: 0 });
  });

  it('notices within seconds when somebody else gives a slot back early', async () => {
    const { time, enqueue, drain, gate, joggai } = createDrainWorld({ slots: 1 });
    const other = gate();
    const taker = { attemptId: 'other', leaseUntil: time.clock() + 90_000, key: 'key' };
    const slot = await other.take(taker);
    await enqueue('only');
    const drained = drain();
    const giveBack = async () => {
      await time.wait(10_000);
      await other.giveBack({ ...taker, slot: 0, takenAt: 0, outcome: { kind: 'unused' } });
    };
    await time.finish(Promise.all([drained, giveBack()]));
    expect(slot.kind).toBe('admitted');
    expect(joggai.calls[0]?.atMs).toBeLessThanOrEqual(15_100);
  });

  it('stops in time to see its last call through', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ slots: 1 });
    await enqueue(...line(5));
    const begun = time.clock();
    const { calls, end } = await time.finish(drain(DISPATCH, { timeLeftMs: 2 * MINUTE }));
    expect(calls).toBe(2);
    expect(end).toMatchObject({ kind: 'closed', why: { kind: 'full' } });
    expect(time.clock() - begun).toBeLessThanOrEqual(2 * MINUTE - 27_000);
    expect(joggai.atOnce).toBe(0);
  });

  it('begins nothing when there is no time for it', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue('only');
    expect(await time.finish(drain(DISPATCH, { timeLeftMs: 26_000 }))).toEqual({
      calls: 0,
      end: { kind: 'out_of_time' },
    });
    expect(joggai.calls).toEqual([]);
  });
});

describe('while the account is blocked', () => {
  it('one request goes as the probe, and the rest waits', async () => {
    const { time, enqueue, drain, joggai, record } = createDrainWorld();
    await enqueue(...line(5));
    joggai.answer = () => REFUSED;
    await time.finish(drain({ concurrency: 1, patient: true }));
    expect(joggai.calls).toHaveLength(1);
    await time.finish(time.wait(MINUTE));
    expect(await time.finish(drain())).toMatchObject({
      calls: 1,
      end: { kind: 'closed', why: { kind: 'blocked', reason: 'insufficient_credit' } },
    });
    expect(joggai.calls).toHaveLength(2);
    for (const name of line(5)) expect(await record(name)).toMatchObject({ status: 'queued', charged: 'no' });
  });

  it('a probe that succeeds lets all the others follow in the same run', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...line(5));
    const open = joggai.answer;
    joggai.answer = () => REFUSED;
    await time.finish(drain({ concurrency: 1, patient: true }));
    joggai.answer = open;
    await time.finish(time.wait(MINUTE));
    joggai.mostAtOnce = 0;
    expect(await time.finish(drain())).toEqual({ calls: 5, end: { kind: 'empty' } });
    const [, probe, next] = joggai.calls;
    expect((next?.atMs ?? 0) - (probe?.atMs ?? 0)).toBeGreaterThanOrEqual(500);
  });

  it('nobody is asked before the block is over', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...line(2));
    joggai.answer = () => REFUSED;
    await time.finish(drain({ concurrency: 1, patient: true }));
    await time.finish(time.wait(MINUTE - 1_000));
    expect(await time.finish(drain())).toMatchObject({ calls: 0, end: { why: { kind: 'blocked' } } });
  });
});

describe('a drain that may not call', () => {
  it('ends at once without a key, and touches neither request nor slot', async () => {
    const { time, enqueue, drain, key, record, store } = createDrainWorld();
    await enqueue('only');
    key.state = { kind: 'unset' };
    expect(await time.finish(drain())).toEqual({
      calls: 0,
      end: { kind: 'no_api_key', state: { kind: 'unset' } },
    });
    expect(await record('only')).toMatchObject({ status: 'queued', attempts: 0 });
    expect(store.counts.writes).toBe(0);
  });

  it("ends at once when the day's calls are spent or an operator has paused them", async () => {
    const { time, enqueue, drain, gate } = createDrainWorld({ dailyCallLimit: 1 });
    await enqueue('first', 'second');
    expect(await time.finish(drain())).toMatchObject({ calls: 1, end: { why: { kind: 'spent' } } });
    await gate().pause({ by: 'operator' });
    expect(await time.finish(drain())).toMatchObject({ calls: 0, end: { why: { kind: 'paused' } } });
  });
});

describe('a request that somebody else takes first', () => {
  it('is left to them, and the next in line is taken with the same slot', async () => {
    const { time, enqueue, drain, ports, sent, slotsInUse } = createDrainWorld();
    await enqueue('first', 'second');
    const [first] = await ports.ledger.due('queued', { now: time.clock(), limit: 1 });
    const replace: typeof ports.ledger.replace = async (next) =>
      next.id === 'first' ? { kind: 'conflict', record: first } : ports.ledger.replace(next);
    const drained = drain(DISPATCH, { ledger: { due: ports.ledger.due, replace } });
    expect(await time.finish(drained)).toEqual({ calls: 1, end: { kind: 'empty' } });
    expect(sent()).toEqual(['second']);
    expect(await slotsInUse()).toBe(1);
  });

  it('gives the slot back when nobody is left behind it', async () => {
    const { time, enqueue, drain, ports, slotsInUse } = createDrainWorld();
    await enqueue('only');
    const drained = drain(DISPATCH, {
      ledger: { due: ports.ledger.due, replace: async () => ({ kind: 'conflict', record: undefined }) },
    });
    expect(await time.finish(drained)).toEqual({ calls: 0, end: { kind: 'empty' } });
    expect(await slotsInUse()).toBe(0);
  });

  it('gives the slot back when the ledger does not answer, and says so', async () => {
    const { time, enqueue, drain, ports, slotsInUse } = createDrainWorld();
    await enqueue('only');
    const drained = drain(DISPATCH, {
      ledger: { due: ports.ledger.due, replace: () => Promise.reject(new Error('The ledger is away.')) },
    });
    await expect(time.finish(drained)).rejects.toThrow('The ledger is away.');
    expect(await slotsInUse()).toBe(0);
  });

  it('is paid for once by two drains that run at the same time', async () => {
    const { time, enqueue, drain, sent, gate } = createDrainWorld();
    await enqueue(...line(15));
    const [one, other] = await time.finish(Promise.all([drain(), drain(DISPATCH, { gate: gate() })]));
    expect(one.calls + other.calls).toBe(15);
    expect(sent().toSorted()).toEqual(line(15).toSorted());
  });
});

describe('an index that is behind', () => {
  it('leads nobody to a request twice', async () => {
    const { time, enqueue, drain, sent } = createDrainWorld({ indexLagMs: 3_000 });
    await enqueue(...line(5));
    await time.finish(time.wait(3_000));
    expect(await time.finish(drain())).toEqual({ calls: 5, end: { kind: 'empty' } });
    expect(sent()).toEqual(line(5));
  });

  it('hides nobody behind a hundred that were just taken', async () => {
    const { time, enqueue, drain } = createDrainWorld({ indexLagMs: 3_000, slots: 200, callMs: 1 });
    await enqueue(...line(120));
    await time.finish(time.wait(3_000));
    expect(await time.finish(drain())).toEqual({ calls: 120, end: { kind: 'empty' } });
  });
});
