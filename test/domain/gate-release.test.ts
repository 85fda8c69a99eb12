import { describe, expect, it } from 'vitest';
import { createGate, type GateStore } from '../../lambda/domain/gate/gate.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const WINDOW_MS = 60_000;

const givenGate = () => {
  const store = createInMemoryGateStore();
  const time = { now: T0 };
  /** Delays the next answer, as a slow network does, and receives the function that delivers it. */
  let hold: ((deliver: () => void) => void) | undefined;
  const slow: GateStore = {
    read: store.read,
    async write(write, seen) {
      const onHeld = hold;
      hold = undefined;
      const answer = await store.write(write, seen);
      if (onHeld) await new Promise<void>(onHeld);
      return answer;
    },
  };
  const settings = { slots: 2, windowMs: WINDOW_MS, dailyCallLimit: 1_000 };
  const choose = ([first = 0]: readonly number[]) => first;
  return {
    store,
    time,
    gate: createGate({ store: slow, settings, clock: () => time.now, choose }),
    requestOf: (attemptId: string) => ({ attemptId, leaseUntil: T0 + 125_000, key: 'key' }),
    /** Resolves when the next write's answer is delayed, with the function that delivers it. */
    holdNextAnswer: () =>
      new Promise<() => void>((resolve) => {
        hold = resolve;
      }),
  };
};

describe('a slot is released', () => {
  it.each([
    ['accepted', { kind: 'accepted', photoId: 'photo' }, T0 + WINDOW_MS],
    ['not sent', { kind: 'not_sent', cause: 'ECONNREFUSED' }, T0],
  ] as const)(
    'even if an answer from before its acquisition arrives last (%s)',
    async (_, outcome, until) => {
      const { store, gate, requestOf, holdNextAnswer } = givenGate();
      await gate.acquire(requestOf('first'));
      const held = holdNextAnswer();
      const slow = gate.release({
        ...requestOf('first'),
        slot: 0,
        acquiredAt: T0,
        outcome: { kind: 'accepted', photoId: 'photo' },
      });
      const deliver = await held;
      expect(await gate.acquire(requestOf('second'))).toMatchObject({ kind: 'admitted', slot: 1 });
      deliver();
      await slow;

      await gate.release({ ...requestOf('second'), slot: 1, acquiredAt: T0, outcome });
      expect(store.view().slots.get(1)).toMatchObject({ holder: 'second', until });
    },
  );
});

describe('a view of the gate', () => {
  it.each([
    [WINDOW_MS / 2 - 1, 1],
    [WINDOW_MS / 2, 2],
  ])('that is %i ms old leads to %i reads', async (age, reads) => {
    const { store, gate, requestOf, time } = givenGate();
    await gate.warmUp();
    time.now += age;
    await gate.acquire(requestOf('one'));
    expect(store.counts.reads).toBe(reads);
  });
});
