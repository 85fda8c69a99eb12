import { describe, expect, it } from 'vitest';
import type { GateSettings } from '../../lambda/domain/gate/account-rules.ts';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import { createInMemoryGateStore, type InMemoryGateStore } from '../../model/in-memory-gate-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = Date.UTC(2026, 10, 22, 23, 50);
const MIDNIGHT = Date.UTC(2026, 10, 23);

const accepted = { kind: 'accepted', photoId: 'p' } as const;

const givenStore = (settings: Partial<GateSettings> = {}) => {
  const store = createInMemoryGateStore();
  const time = { now: T0 };
  const process = (over: InMemoryGateStore = store) =>
    createGate({
      store: over,
      settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 1_000, ...settings },
      clock: () => time.now,
    });
  let attempts = 0;
  const slotRequest = () => {
    attempts += 1;
    return { attemptId: `attempt-${attempts}`, leaseUntil: time.now + 34 * SECOND, key: 'key-1' };
  };
  /** Concurrent requests, each in its own process. @returns the admitted ones */
  const acquireMany = async (count: number) => {
    const requests = Array.from({ length: count }, () => ({ gate: process(), request: slotRequest() }));
    const admissions = await Promise.all(requests.map(({ gate, request }) => gate.acquire(request)));
    return requests.flatMap(({ gate, request }, index) => {
      const admission = admissions[index];
      if (admission?.kind !== 'admitted') return [];
      const { slot, acquiredAt } = admission;
      const { attemptId, key } = request;
      return [
        {
          slot,
          release: (outcome: Parameters<typeof gate.release>[0]['outcome']) =>
            gate.release({ attemptId, slot, acquiredAt, key, outcome }),
        },
      ];
    });
  };
  return { store, time, process, slotRequest, acquireMany };
};

describe('the gate', () => {
  it('admits as many concurrent calls as there are slots, each with its own slot', async () => {
    const { acquireMany, process, slotRequest } = givenStore();
    const admitted = await acquireMany(50);
    expect(admitted.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    expect(await process().acquire(slotRequest())).toMatchObject({
      kind: 'rejected',
      rejection: { kind: 'rate_limited' },
    });
  });

  it('admits the next call one window after an answer, for any duration of the call', async () => {
    const { acquireMany, time } = givenStore({ slots: 1 });
    const [call] = await acquireMany(1);
    time.now += 15 * SECOND;
    await call?.release(accepted);
    time.now += MINUTE - 1;
    expect(await acquireMany(1)).toHaveLength(0);
    time.now += 1;
    expect(await acquireMany(1)).toHaveLength(1);
  });

  it('holds the slot of a call without an answer until one window after its lease', async () => {
    const { acquireMany, time } = givenStore({ slots: 1 });
    const [call] = await acquireMany(1);
    await call?.release({ kind: 'no_answer', cause: 'x' });
    time.now += 34 * SECOND + MINUTE - 1;
    expect(await acquireMany(1)).toHaveLength(0);
    time.now += 1;
    expect(await acquireMany(1)).toHaveLength(1);
  });

  it('admits no more than its slots in any window, under continuous load', async () => {
    const { acquireMany, time } = givenStore();
    for (let wave = 0; wave < 3; wave += 1) {
      const admitted = await acquireMany(60);
      expect(admitted).toHaveLength(20);
      await Promise.all(admitted.map(({ release }) => release(accepted)));
      expect(await acquireMany(5)).toHaveLength(0);
      time.now += MINUTE;
    }
  });
});

describe('the daily limit', () => {
  it.each([
    [1, 20],
    [7, 20],
    [19, 20],
    [20, 20],
    [23, 20],
    [3, 2],
  ])('of %i is reached exactly by concurrent requests for %i slots', async (dailyCallLimit, slots) => {
    const { acquireMany, time, store } = givenStore({ dailyCallLimit, slots });
    let paid = 0;
    for (let wave = 0; wave < 4; wave += 1) {
      const admitted = await acquireMany(40);
      paid += admitted.length;
      await Promise.all(admitted.map(({ release }) => release(accepted)));
      time.now += MINUTE;
    }
    expect(paid).toBe(dailyCallLimit);
    expect(store.counts.conflicts).toBeGreaterThan(0);
  });

  it('counts calls that may have been charged, and no others', async () => {
    const { acquireMany, time } = givenStore({ dailyCallLimit: 2 });
    const [unanswered, uncharged] = await acquireMany(2);
    await unanswered?.release({ kind: 'no_answer', cause: 'x' });
    await uncharged?.release({ kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' });
    time.now += 2 * MINUTE;
    expect(await acquireMany(5)).toHaveLength(1);
  });

  it('restarts at midnight UTC', async () => {
    const { acquireMany, time, process, slotRequest } = givenStore({ dailyCallLimit: 3 });
    const admitted = await acquireMany(3);
    await Promise.all(admitted.map(({ release }) => release(accepted)));
    time.now = MIDNIGHT - 1;
    expect(await process().acquire(slotRequest())).toEqual({
      kind: 'rejected',
      rejection: { kind: 'daily_limit_reached', limit: 3, until: MIDNIGHT },
    });
    time.now = MIDNIGHT;
    expect(await acquireMany(9)).toHaveLength(3);
  });
});

describe('a process', () => {
  it('with a recent view acquires a slot with one write and no read', async () => {
    const { store, process, slotRequest } = givenStore();
    const gate = process();
    await gate.warmUp();
    const before = { ...store.counts };
    await gate.acquire(slotRequest());
    expect(store.counts).toEqual({ ...before, writes: before.writes + 1 });
  });

  it('reads the item again if its view is one window old', async () => {
    const { store, process, slotRequest, time } = givenStore();
    const gate = process();
    await gate.warmUp();
    time.now += MINUTE;
    await gate.acquire(slotRequest());
    expect(store.counts.reads).toBe(2);
  });

  it('does not reject on a cached view', async () => {
    const { process, slotRequest } = givenStore();
    const [operator, gate] = [process(), process()];
    await operator.pause({ by: 'operator' });
    await gate.warmUp();
    await operator.pause(undefined);
    expect(await gate.acquire(slotRequest())).toMatchObject({ kind: 'admitted' });
  });

  it('releases every slot even if answers of the store arrive out of order', async () => {
    const { store, process, slotRequest, time } = givenStore();
    const held: (() => void)[] = [];
    let isHolding = true;
    const reordering: InMemoryGateStore = {
      ...store,
      async write(write, seen) {
        const result = await store.write(write, seen);
        // The first answer arrives after the second.
        if (isHolding) {
          isHolding = false;
          await new Promise<void>((resolve) => held.push(resolve));
        }
        return result;
      },
    };
    const gate = process(reordering);
    await gate.warmUp();
    const [first, second] = [slotRequest(), slotRequest()];
    const late = gate.acquire(first);
    const early = await gate.acquire(second);
    for (const deliver of held) deliver();
    for (const [request, admission] of [
      [second, early],
      [first, await late],
    ] as const) {
      if (admission.kind !== 'admitted') throw new Error('The gate should admit the request.');
      const { slot, acquiredAt } = admission;
      await gate.release({
        attemptId: request.attemptId,
        slot,
        acquiredAt,
        key: request.key,
        outcome: accepted,
      });
    }
    time.now += MINUTE;
    expect((await process().snapshot('key-1')).slots.inUse).toBe(0);
  });

  it('rejects the request after too many conflicts', async () => {
    const { store, process, slotRequest, time } = givenStore();
    const conflicting: InMemoryGateStore = {
      ...store,
      write: async () => ({ kind: 'conflict', view: store.view() }),
    };
    expect(await process(conflicting).acquire(slotRequest())).toEqual({
      kind: 'rejected',
      rejection: { kind: 'rate_limited', until: time.now + SECOND },
    });
  });

  it('shows the slots in use, the calls of today and the limits', async () => {
    const { acquireMany, process, slotRequest } = givenStore();
    const [call] = await acquireMany(2);
    await call?.release({ kind: 'unused' });
    expect(await process().snapshot(slotRequest().key)).toEqual({
      slots: { total: 20, inUse: 1 },
      callsToday: 1,
      dailyCallLimit: 1_000,
      rejection: undefined,
      block: undefined,
    });
  });
});
