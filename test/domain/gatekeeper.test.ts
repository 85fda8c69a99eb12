import { describe, expect, it } from 'vitest';
import type { GateSettings } from '../../lambda/domain/gate.ts';
import { createGate } from '../../lambda/domain/gatekeeper.ts';
import { createInMemoryGateStore, type InMemoryGateStore } from '../support/in-memory-gate-store.ts';

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
  const taker = () => {
    attempts += 1;
    return { attemptId: `attempt-${attempts}`, leaseUntil: time.now + 34 * SECOND, key: 'key-1' };
  };
  /** Many takers at the same moment, each in a process of its own. */
  const rush = async (count: number) => {
    const asks = Array.from({ length: count }, () => ({ gate: process(), ask: taker() }));
    const admissions = await Promise.all(asks.map(({ gate, ask }) => gate.take(ask)));
    return asks.flatMap(({ gate, ask }, index) => {
      const admission = admissions[index];
      if (admission?.kind !== 'admitted') return [];
      const { slot, takenAt } = admission;
      const { attemptId, key } = ask;
      return [
        {
          slot,
          giveBack: (outcome: Parameters<typeof gate.giveBack>[0]['outcome']) =>
            gate.giveBack({ attemptId, slot, takenAt, key, outcome }),
        },
      ];
    });
  };
  return { store, time, process, taker, rush };
};

describe('the gate', () => {
  it('lets in as many at once as there are slots, each by one of its own', async () => {
    const { rush, process, taker } = givenStore();
    const admitted = await rush(50);
    expect(admitted.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    expect(await process().take(taker())).toMatchObject({ kind: 'closed', why: { kind: 'full' } });
  });

  it('lets the next in a window after an answer, whatever time the call took', async () => {
    const { rush, time } = givenStore({ slots: 1 });
    const [call] = await rush(1);
    time.now += 15 * SECOND;
    await call?.giveBack(accepted);
    time.now += MINUTE - 1;
    expect(await rush(1)).toHaveLength(0);
    time.now += 1;
    expect(await rush(1)).toHaveLength(1);
  });

  it('keeps the slot of a call without an answer for a window after its lease', async () => {
    const { rush, time } = givenStore({ slots: 1 });
    const [call] = await rush(1);
    await call?.giveBack({ kind: 'no_answer', cause: 'x' });
    time.now += 34 * SECOND + MINUTE - 1;
    expect(await rush(1)).toHaveLength(0);
    time.now += 1;
    expect(await rush(1)).toHaveLength(1);
  });

  it('lets in a whole crowd, wave after wave, and no more than its slots in any window', async () => {
    const { rush, time } = givenStore();
    for (let wave = 0; wave < 3; wave += 1) {
      const admitted = await rush(60);
      expect(admitted).toHaveLength(20);
      await Promise.all(admitted.map(({ giveBack }) => giveBack(accepted)));
      expect(await rush(5)).toHaveLength(0);
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
  ])('of %i is met exactly by concurrent takers of %i slots', async (dailyCallLimit, slots) => {
    const { rush, time, store } = givenStore({ dailyCallLimit, slots });
    let paid = 0;
    for (let wave = 0; wave < 4; wave += 1) {
      const admitted = await rush(40);
      paid += admitted.length;
      await Promise.all(admitted.map(({ giveBack }) => giveBack(accepted)));
      time.now += MINUTE;
    }
    expect(paid).toBe(dailyCallLimit);
    expect(store.counts.conflicts).toBeGreaterThan(0);
  });

  it('counts what was perhaps paid for, and gives back what was certainly not', async () => {
    const { rush, time } = givenStore({ dailyCallLimit: 2 });
    const [lost, free] = await rush(2);
    await lost?.giveBack({ kind: 'no_answer', cause: 'x' });
    await free?.giveBack({ kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' });
    time.now += 2 * MINUTE;
    expect(await rush(5)).toHaveLength(1);
  });

  it('is there anew after midnight UTC', async () => {
    const { rush, time, process, taker } = givenStore({ dailyCallLimit: 3 });
    const admitted = await rush(3);
    await Promise.all(admitted.map(({ giveBack }) => giveBack(accepted)));
    time.now = MIDNIGHT - 1;
    expect(await process().take(taker())).toEqual({
      kind: 'closed',
      why: { kind: 'spent', limit: 3, until: MIDNIGHT },
    });
    time.now = MIDNIGHT;
    expect(await rush(9)).toHaveLength(3);
  });
});

describe('a process', () => {
  it('that knows the item takes a slot with one write and no read', async () => {
    const { store, process, taker } = givenStore();
    const gate = process();
    await gate.warmUp();
    const before = { ...store.counts };
    await gate.take(taker());
    expect(store.counts).toEqual({ ...before, writes: before.writes + 1 });
  });

  it('reads the item afresh when it last saw it a window ago', async () => {
    const { store, process, taker, time } = givenStore();
    const gate = process();
    await gate.warmUp();
    time.now += MINUTE;
    await gate.take(taker());
    expect(store.counts.reads).toBe(2);
  });

  it('turns nobody away on what it saw earlier', async () => {
    const { process, taker } = givenStore();
    const [operator, gate] = [process(), process()];
    await operator.pause({ by: 'operator' });
    await gate.warmUp();
    await operator.pause(undefined);
    expect(await gate.take(taker())).toMatchObject({ kind: 'admitted' });
  });

  it('gives every slot back, though answers of the store overtake each other', async () => {
    const { store, process, taker, time } = givenStore();
    const held: (() => void)[] = [];
    let isHolding = true;
    const overtaking: InMemoryGateStore = {
      ...store,
      async write(write, seen) {
        const result = await store.write(write, seen);
        // The first answer is on its way for longer than the second.
        if (isHolding) {
          isHolding = false;
          await new Promise<void>((resolve) => held.push(resolve));
        }
        return result;
      },
    };
    const gate = process(overtaking);
    await gate.warmUp();
    const [one, other] = [taker(), taker()];
    const late = gate.take(one);
    const early = await gate.take(other);
    for (const release of held) release();
    for (const [ask, admission] of [
      [other, early],
      [one, await late],
    ] as const) {
      if (admission.kind !== 'admitted') throw new Error('The gate should be open.');
      const { slot, takenAt } = admission;
      await gate.giveBack({ attemptId: ask.attemptId, slot, takenAt, key: ask.key, outcome: accepted });
    }
    time.now += MINUTE;
    expect((await process().look('key-1')).slots.inUse).toBe(0);
  });

  it('stands back when it meets others again and again', async () => {
    const { store, process, taker, time } = givenStore();
    const crowded: InMemoryGateStore = {
      ...store,
      write: async () => ({ kind: 'conflict', view: store.view() }),
    };
    expect(await process(crowded).take(taker())).toEqual({
      kind: 'closed',
      why: { kind: 'full', until: time.now + SECOND },
    });
  });

  it('shows what is in use, what was paid today and what the limits are', async () => {
    const { rush, process, taker } = givenStore();
    const [call] = await rush(2);
    await call?.giveBack({ kind: 'unused' });
    expect(await process().look(taker().key)).toEqual({
      slots: { total: 20, inUse: 1 },
      callsToday: 1,
      dailyCallLimit: 1_000,
      closed: undefined,
      block: undefined,
    });
  });
});
