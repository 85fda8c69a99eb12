import { describe, expect, it } from 'vitest';
import { createGate, type GateStore } from '../../lambda/domain/gatekeeper.ts';
import { createInMemoryGateStore } from '../support/in-memory-gate-store.ts';
import { createWorld, keyedAsk } from '../support/submission-world.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const WINDOW_MS = 60_000;

const givenGate = () => {
  const store = createInMemoryGateStore();
  const time = { now: T0 };
  /** Gets what lets the next answer go, which is held back as by a slow network. */
  let hold: ((letGo: () => void) => void) | undefined;
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
    taker: (attemptId: string) => ({ attemptId, leaseUntil: T0 + 125_000, key: 'key' }),
    /** Resolves when the answer of the next write is held back, with what lets it go. */
    holdNextAnswer: () =>
      new Promise<() => void>((resolve) => {
        hold = resolve;
      }),
  };
};

describe('a slot is given back', () => {
  it.each([
    ['accepted', { kind: 'accepted', photoId: 'photo' }, T0 + WINDOW_MS],
    ['not sent', { kind: 'not_sent', cause: 'ECONNREFUSED' }, T0],
  ] as const)('though an answer from before it was taken comes in last (%s)', async (_, outcome, until) => {
    const { store, gate, taker, holdNextAnswer } = givenGate();
    await gate.take(taker('first'));
    const held = holdNextAnswer();
    const slow = gate.giveBack({
      ...taker('first'),
      slot: 0,
      takenAt: T0,
      outcome: { kind: 'accepted', photoId: 'photo' },
    });
    const letGo = await held;
    expect(await gate.take(taker('second'))).toMatchObject({ kind: 'admitted', slot: 1 });
    letGo();
    await slow;

    await gate.giveBack({ ...taker('second'), slot: 1, takenAt: T0, outcome });
    expect(store.view().slots.get(1)).toMatchObject({ holder: 'second', until });
  });
});

describe('a request that was rejected, and is asked for again while the ledger fails,', () => {
  it('keeps no slot', async () => {
    const { joggai, process, invocation, ledger, slotsInUse, time } = createWorld();
    joggai.answer = () => ({ kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' });
    await process().submit(keyedAsk('key'), invocation());
    time.now += WINDOW_MS;
    expect(await slotsInUse()).toBe(0);
    const failing = process(() => ({
      ledger: { ...ledger, replace: () => Promise.reject(new Error('The ledger is away.')) },
    }));
    await expect(failing.submit(keyedAsk('key'), invocation())).rejects.toThrow('The ledger is away.');
    expect(await slotsInUse()).toBe(0);
    expect(joggai.calls).toHaveLength(1);
  });
});

describe('what a process saw', () => {
  it.each([
    [WINDOW_MS / 2 - 1, 1],
    [WINDOW_MS / 2, 2],
  ])('%i ms ago leads to %i reads', async (age, reads) => {
    const { store, gate, taker, time } = givenGate();
    await gate.warmUp();
    time.now += age;
    await gate.take(taker('one'));
    expect(store.counts.reads).toBe(reads);
  });
});
