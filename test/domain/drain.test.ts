import { describe, expect, it } from 'vitest';
import { createDrainWorld, DISPATCH, INTAKE, MINUTE, names } from '../support/drain-world.ts';

const REFUSED = {
  kind: 'refused',
  reason: 'insufficient_credit',
  code: 18020,
  message: 'Insufficient credit',
} as const;

describe('a drain', () => {
  it('submits queued requests, the oldest first, and ends when the queue is empty', async () => {
    const { time, enqueue, drain, sent, record } = createDrainWorld();
    await enqueue('first', 'second', 'third');
    expect(await time.finish(drain())).toEqual({ calls: 3, end: { kind: 'empty' } });
    expect(sent()).toEqual(['first', 'second', 'third']);
    expect(await record('first')).toMatchObject({ status: 'generating', photoId: 'photo of first' });
  });

  it('makes as many concurrent calls as its concurrency, and no more', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...names(16));
    await time.finish(drain({ concurrency: 3, waitForSlots: true }));
    expect(joggai.maxInFlight).toBe(3);
    expect(joggai.calls).toHaveLength(16);
  });

  it('returns only after its last call ended', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ callMs: 15_000 });
    await enqueue('only');
    await time.finish(drain());
    expect(joggai.inFlight).toBe(0);
  });

  it('requeues a request that was not sent in its place in line, and submits it again', async () => {
    const { time, enqueue, drain, joggai, sent, record } = createDrainWorld();
    await enqueue('first', 'second');
    joggai.answer = (name) => {
      joggai.answer = (next) => ({ kind: 'accepted', photoId: `photo of ${next}` });
      return name === 'first'
        ? { kind: 'not_sent', cause: 'ECONNREFUSED' }
        : { kind: 'http_rejected', httpStatus: 403 };
    };
    expect(await time.finish(drain({ concurrency: 1, waitForSlots: true }))).toMatchObject({
      end: { kind: 'empty' },
    });
    expect(sent()).toEqual(['first', 'first', 'second']);
    expect(await record('first')).toMatchObject({ status: 'generating', attempts: 2 });
  });

  it('does not use the gate if the queue is empty', async () => {
    const { time, drain, store } = createDrainWorld();
    expect(await time.finish(drain())).toEqual({ calls: 0, end: { kind: 'empty' } });
    expect(store.counts).toEqual({ reads: 0, writes: 0, conflicts: 0 });
  });
});

describe('with all slots held', () => {
  it('a drain that waits for slots continues with the next free slot', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ slots: 2 });
    await enqueue(...names(3));
    expect(await time.finish(drain())).toMatchObject({ calls: 3, end: { kind: 'empty' } });
    const [first, , third] = joggai.calls;
    // One window after the first answer.
    const waitedMs = (third?.atMs ?? 0) - (first?.atMs ?? 0) - MINUTE - 500;
    expect(waitedMs).toBeGreaterThanOrEqual(0);
    expect(waitedMs).toBeLessThan(100);
  });

  it('a drain that does not wait for slots ends, and the rest stays queued', async () => {
    const { time, enqueue, drain, record } = createDrainWorld({ slots: 2 });
    await enqueue(...names(3));
    expect(await time.finish(drain(INTAKE))).toMatchObject({
      calls: 2,
      end: { kind: 'rejected_by_gate', rejection: { kind: 'rate_limited' } },
    });
    expect(await record('request 2')).toMatchObject({ status: 'queued', attempts: 0 });
  });

  it('notices within seconds that another process released a slot early', async () => {
    const { time, enqueue, drain, gate, joggai } = createDrainWorld({ slots: 1 });
    const other = gate();
    const request = { attemptId: 'other', leaseUntil: time.clock() + 90_000, key: 'key' };
    const slot = await other.acquire(request);
    await enqueue('only');
    const drained = drain();
    const releaseLater = async () => {
      await time.wait(10_000);
      await other.release({ ...request, slot: 0, acquiredAt: 0, outcome: { kind: 'unused' } });
    };
    await time.finish(Promise.all([drained, releaseLater()]));
    expect(slot.kind).toBe('admitted');
    expect(joggai.calls[0]?.atMs).toBeLessThanOrEqual(15_100);
  });

  it('stops early enough to complete its last call', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ slots: 1 });
    await enqueue(...names(5));
    const startedAt = time.clock();
    const { calls, end } = await time.finish(drain(DISPATCH, { timeLeftMs: 2 * MINUTE }));
    expect(calls).toBe(2);
    expect(end).toMatchObject({ kind: 'rejected_by_gate', rejection: { kind: 'rate_limited' } });
    expect(time.clock() - startedAt).toBeLessThanOrEqual(2 * MINUTE - 27_000);
    expect(joggai.inFlight).toBe(0);
  });

  it('starts no call if too little time is left', async () => {
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
  it('one request is submitted as the probe, and the rest waits', async () => {
    const { time, enqueue, drain, joggai, record } = createDrainWorld();
    await enqueue(...names(5));
    joggai.answer = () => REFUSED;
    await time.finish(drain({ concurrency: 1, waitForSlots: true }));
    expect(joggai.calls).toHaveLength(1);
    await time.finish(time.wait(MINUTE));
    expect(await time.finish(drain())).toMatchObject({
      calls: 1,
      end: { kind: 'rejected_by_gate', rejection: { kind: 'blocked', reason: 'insufficient_credit' } },
    });
    expect(joggai.calls).toHaveLength(2);
    for (const name of names(5))
      expect(await record(name)).toMatchObject({ status: 'queued', charged: 'no' });
  });

  it('a probe that succeeds allows the other requests in the same run', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...names(5));
    const accept = joggai.answer;
    joggai.answer = () => REFUSED;
    await time.finish(drain({ concurrency: 1, waitForSlots: true }));
    joggai.answer = accept;
    await time.finish(time.wait(MINUTE));
    joggai.maxInFlight = 0;
    expect(await time.finish(drain())).toEqual({ calls: 5, end: { kind: 'empty' } });
    const [, probe, next] = joggai.calls;
    expect((next?.atMs ?? 0) - (probe?.atMs ?? 0)).toBeGreaterThanOrEqual(500);
  });

  it('no call is made before the next probe is due', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...names(2));
    joggai.answer = () => REFUSED;
    await time.finish(drain({ concurrency: 1, waitForSlots: true }));
    await time.finish(time.wait(MINUTE - 1_000));
    expect(await time.finish(drain())).toMatchObject({ calls: 0, end: { rejection: { kind: 'blocked' } } });
  });
});

describe('a drain that must not call', () => {
  it('ends at once without a key, and changes neither requests nor slots', async () => {
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

  it('ends at once at the daily limit, or while an operator has paused all calls', async () => {
    const { time, enqueue, drain, gate } = createDrainWorld({ dailyCallLimit: 1 });
    await enqueue('first', 'second');
    expect(await time.finish(drain())).toMatchObject({
      calls: 1,
      end: { rejection: { kind: 'daily_limit_reached' } },
    });
    await gate().pause({ by: 'operator' });
    expect(await time.finish(drain())).toMatchObject({ calls: 0, end: { rejection: { kind: 'paused' } } });
  });
});

describe('a request that another process claims first', () => {
  it('is skipped, and the next in line is submitted with the same slot', async () => {
    const { time, enqueue, drain, ports, sent, slotsInUse } = createDrainWorld();
    await enqueue('first', 'second');
    const [first] = await ports.ledger.due('queued', { now: time.clock(), limit: 1 });
    const replace: typeof ports.ledger.replace = async (next) =>
      next.id === 'first' ? { kind: 'conflict', record: first } : ports.ledger.replace(next);
    const drained = drain(DISPATCH, { ledger: { ...ports.ledger, replace } });
    expect(await time.finish(drained)).toEqual({ calls: 1, end: { kind: 'empty' } });
    expect(sent()).toEqual(['second']);
    expect(await slotsInUse()).toBe(1);
  });

  it('releases the slot if the queue has no further request', async () => {
    const { time, enqueue, drain, ports, slotsInUse } = createDrainWorld();
    await enqueue('only');
    const drained = drain(DISPATCH, {
      ledger: { ...ports.ledger, replace: async () => ({ kind: 'conflict', record: undefined }) },
    });
    expect(await time.finish(drained)).toEqual({ calls: 0, end: { kind: 'empty' } });
    expect(await slotsInUse()).toBe(0);
  });

  it('releases the slot if the ledger fails, and reports the error', async () => {
    const { time, enqueue, drain, ports, slotsInUse } = createDrainWorld();
    await enqueue('only');
    const drained = drain(DISPATCH, {
      ledger: {
        ...ports.ledger,
        replace: () => Promise.reject(new Error('The ledger is unavailable.')),
      },
    });
    await expect(time.finish(drained)).rejects.toThrow('The ledger is unavailable.');
    expect(await slotsInUse()).toBe(0);
  });

  it('is paid for once by two concurrent drains', async () => {
    const { time, enqueue, drain, sent, gate } = createDrainWorld();
    await enqueue(...names(15));
    const [one, other] = await time.finish(Promise.all([drain(), drain(DISPATCH, { gate: gate() })]));
    expect(one.calls + other.calls).toBe(15);
    expect(sent().toSorted()).toEqual(names(15).toSorted());
  });
});

describe('an index that lags behind', () => {
  it('does not cause a second submission', async () => {
    const { time, enqueue, drain, sent } = createDrainWorld({ indexLagMs: 3_000 });
    await enqueue(...names(5));
    await time.finish(time.wait(3_000));
    expect(await time.finish(drain())).toEqual({ calls: 5, end: { kind: 'empty' } });
    expect(sent()).toEqual(names(5));
  });

  it('does not hide requests behind a hundred that were just claimed', async () => {
    const { time, enqueue, drain } = createDrainWorld({ indexLagMs: 3_000, slots: 200, callMs: 1 });
    await enqueue(...names(120));
    await time.finish(time.wait(3_000));
    expect(await time.finish(drain())).toEqual({ calls: 120, end: { kind: 'empty' } });
  });
});
