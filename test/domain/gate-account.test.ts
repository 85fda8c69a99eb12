import { describe, expect, it } from 'vitest';
import type { GateSettings } from '../../lambda/domain/gate.ts';
import { type Admission, createGate } from '../../lambda/domain/gatekeeper.ts';
import type { Outcome, Refusal } from '../../lambda/domain/outcome.ts';
import { createInMemoryGateStore } from '../support/in-memory-gate-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = Date.UTC(2026, 10, 22, 12);

const accepted: Outcome = { kind: 'accepted', photoId: 'p' };
const refused = (reason: Refusal = 'insufficient_credit'): Outcome => ({
  kind: 'refused',
  reason,
  code: 1,
  message: '',
});

/** A gate on a clock that stands still until it is told, and the attempts that go through it. */
const givenGate = (settings: Partial<GateSettings> = {}) => {
  const store = createInMemoryGateStore();
  let now = T0;
  const process = () =>
    createGate({
      store,
      settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 1_000, ...settings },
      clock: () => now,
    });
  const gate = process();
  let attempts = 0;
  const take = async (key = 'key-1') => {
    attempts += 1;
    const attemptId = `attempt-${attempts}`;
    const admission = await gate.take({ attemptId, leaseUntil: now + 34 * SECOND, key });
    const giveBack = async (outcome: Outcome | { kind: 'unused' }) => {
      if (admission.kind !== 'admitted') throw new Error(`The gate was closed: ${admission.why.kind}.`);
      const { slot, takenAt } = admission;
      await gate.giveBack({ attemptId, slot, takenAt, key, outcome });
    };
    return { admission, giveBack };
  };
  const call = async (outcome: Outcome, key?: string) => (await take(key)).giveBack(outcome);
  const state = async (key = 'key-1') => (await gate.look(key)).closed;
  return {
    gate,
    process,
    store,
    take,
    call,
    state,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};

const isOpen = (admission: Admission) => admission.kind === 'admitted';

describe('a refusal of the account', () => {
  it.each(['insufficient_credit', 'no_permission', 'invalid_key'] as const)(
    'for %s blocks everybody for a minute',
    async (reason) => {
      const { call, take, wait, state } = givenGate();
      await call(refused(reason));
      const why = { kind: 'blocked', reason, since: T0, until: T0 + MINUTE };
      expect((await take()).admission).toEqual({ kind: 'closed', why });
      expect(await state()).toEqual(why);
      wait(MINUTE - 1);
      expect((await take()).admission).toEqual({ kind: 'closed', why });
    },
  );

  it('that concerns the request only blocks nobody', async () => {
    const { call, take, state } = givenGate();
    await call(refused('invalid_parameters'));
    expect(await state()).toBeUndefined();
    expect(isOpen((await take()).admission)).toBe(true);
  });

  it('is known to other processes', async () => {
    const { call, process } = givenGate();
    const other = process();
    await other.warmUp();
    await call(refused());
    const taken = await other.take({ attemptId: 'other', leaseUntil: T0, key: 'key-1' });
    expect(taken).toMatchObject({ kind: 'closed', why: { kind: 'blocked' } });
  });

  it('of several calls that were on their way together blocks for one minute, not for more', async () => {
    const { take, state, wait } = givenGate();
    const calls = await Promise.all([take(), take(), take()]);
    for (const { giveBack } of calls) {
      await giveBack(refused());
      wait(SECOND);
    }
    expect(await state()).toMatchObject({ since: T0, until: T0 + MINUTE });
  });
});

describe('the probe of a blocked account', () => {
  const givenBlock = async () => {
    const given = givenGate();
    await given.call(refused());
    given.wait(MINUTE);
    return given;
  };

  it('goes alone', async () => {
    const { take } = await givenBlock();
    const admissions = await Promise.all([take(), take(), take()]);
    expect(admissions.filter(({ admission }) => isOpen(admission))).toHaveLength(1);
    expect(isOpen((await take()).admission)).toBe(false);
  });

  it('that succeeds opens the gate', async () => {
    const { take, call, state } = await givenBlock();
    await call(accepted);
    expect(await state()).toBeUndefined();
    const admissions = await Promise.all([take(), take(), take()]);
    expect(admissions.every(({ admission }) => isOpen(admission))).toBe(true);
  });

  it('whose request is called wrong proves that the account is in order', async () => {
    const { call, state } = await givenBlock();
    await call(refused('invalid_parameters'));
    expect(await state()).toBeUndefined();
  });

  it('that is refused doubles the time to the next one, up to a quarter of an hour', async () => {
    const { take, call, wait, state } = await givenBlock();
    const minutes: number[] = [];
    let now = T0 + MINUTE;
    for (let probes = 0; probes < 6; probes += 1) {
      await call(refused());
      const closed = await state();
      if (closed?.kind !== 'blocked') throw new Error('The gate should be blocked.');
      expect(closed.since).toBe(T0);
      minutes.push((closed.until - now) / MINUTE);
      wait(closed.until - now - 1);
      expect(isOpen((await take()).admission)).toBe(false);
      wait(1);
      now = closed.until;
    }
    expect(minutes).toEqual([2, 4, 8, 15, 15, 15]);
  });

  it('that was not used is free for the next one at once', async () => {
    const { take } = await givenBlock();
    await (await take()).giveBack({ kind: 'unused' });
    expect(isOpen((await take()).admission)).toBe(true);
  });

  it.each<[string, Outcome]>([
    ['failed', { kind: 'failed', code: 50000, message: '' }],
    ['was turned away', { kind: 'turned_away', httpStatus: 502 }],
    ['got no answer', { kind: 'no_answer', cause: 'x' }],
  ])('that %s proves nothing: the next one goes a minute later', async (_, outcome) => {
    const { call, take, wait, state } = await givenBlock();
    await call(outcome);
    expect(await state()).toMatchObject({ kind: 'blocked', since: T0, until: T0 + 2 * MINUTE });
    wait(MINUTE);
    expect(isOpen((await take()).admission)).toBe(true);
  });

  it('that died without an answer is followed by the next one when its lease is over', async () => {
    const { take, wait } = await givenBlock();
    await take();
    wait(34 * SECOND - 1);
    expect(isOpen((await take()).admission)).toBe(false);
    wait(1);
    expect(isOpen((await take()).admission)).toBe(true);
  });
});

describe('a block', () => {
  it('is over at once for a key other than the one that was refused', async () => {
    const { call, take, state } = givenGate();
    await call(refused('invalid_key'), 'key-1');
    expect(isOpen((await take('key-2')).admission)).toBe(true);
    expect(await state('key-1')).toBeUndefined();
  });

  it('of a new key begins anew', async () => {
    const { call, state, wait } = givenGate();
    await call(refused('invalid_key'), 'key-1');
    wait(5 * SECOND);
    await call(refused('invalid_key'), 'key-2');
    expect(await state('key-2')).toMatchObject({ since: T0 + 5 * SECOND, until: T0 + 5 * SECOND + MINUTE });
  });

  it('is not ended by the success of a call that was sent before it began', async () => {
    const { take, call, state, wait } = givenGate();
    const early = await take();
    wait(SECOND);
    await call(refused());
    wait(SECOND);
    await early.giveBack(accepted);
    expect(await state()).toMatchObject({ kind: 'blocked', since: T0 + SECOND });
  });
});

describe('after a 429', () => {
  it('nobody calls for as long as JoggAI asked', async () => {
    const { call, take, wait } = givenGate();
    await call({ kind: 'rate_limited', retryAfterSeconds: 9 });
    const why = { kind: 'waiting', until: T0 + 9 * SECOND };
    expect((await take()).admission).toEqual({ kind: 'closed', why });
    wait(9 * SECOND - 1);
    expect((await take()).admission).toEqual({ kind: 'closed', why });
    wait(1);
    expect(isOpen((await take()).admission)).toBe(true);
  });

  it('a shorter wait does not shorten a longer one', async () => {
    const { take, state } = givenGate();
    const [one, other] = await Promise.all([take(), take()]);
    await one?.giveBack({ kind: 'rate_limited', retryAfterSeconds: 30 });
    await other?.giveBack({ kind: 'rate_limited', retryAfterSeconds: 5 });
    expect(await state()).toEqual({ kind: 'waiting', until: T0 + 30 * SECOND });
  });

  it('a block stays, with its next probe a minute later', async () => {
    const { call, state, wait } = givenGate();
    await call(refused());
    wait(MINUTE);
    await call({ kind: 'rate_limited', retryAfterSeconds: 5 });
    expect(await state()).toMatchObject({ kind: 'blocked', until: T0 + 2 * MINUTE });
  });
});

it('nobody calls for 10 s after JoggAI could not be reached', async () => {
  const { call, take, state, wait } = givenGate();
  await call({ kind: 'not_sent', cause: 'ECONNREFUSED' });
  expect(await state()).toEqual({ kind: 'waiting', until: T0 + 10 * SECOND });
  wait(10 * SECOND);
  expect(isOpen((await take()).admission)).toBe(true);
});

describe('a pause', () => {
  it('stops everybody until it is over, and says since when and by whom', async () => {
    const { gate, take, wait } = givenGate();
    await gate.pause({ by: 'operator' });
    wait(60 * MINUTE);
    expect((await take()).admission).toEqual({
      kind: 'closed',
      why: { kind: 'paused', since: T0, by: 'operator' },
    });
    await gate.pause(undefined);
    expect(isOpen((await take()).admission)).toBe(true);
  });

  it('outlives and does not end a block', async () => {
    const { gate, call, state } = givenGate();
    await call(refused());
    await gate.pause({ by: 'operator' });
    expect(await state()).toMatchObject({ kind: 'paused' });
    expect(await state('key-2')).toMatchObject({ kind: 'paused' });
    await gate.pause(undefined);
    expect(await state()).toMatchObject({ kind: 'blocked' });
  });

  it('does not keep a call that is on its way from giving its slot back', async () => {
    const { gate, take, store } = givenGate();
    const early = await take();
    await gate.pause({ by: 'operator' });
    await early.giveBack(accepted);
    expect([...store.view().slots.values()]).toMatchObject([{ until: T0 + MINUTE, calls: 1 }]);
    expect(store.view().account?.pause).toMatchObject({ by: 'operator' });
  });
});
