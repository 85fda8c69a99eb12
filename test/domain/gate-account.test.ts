import { describe, expect, it } from 'vitest';
import type { GateSettings } from '../../lambda/domain/gate/account-rules.ts';
import { type Admission, createGate } from '../../lambda/domain/gate/gate.ts';
import type { Outcome, Refusal } from '../../lambda/domain/outcome.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';

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

/** A gate on a clock that only the test advances, and attempts that request slots. */
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
  const acquire = async (key = 'key-1') => {
    attempts += 1;
    const attemptId = `attempt-${attempts}`;
    const admission = await gate.acquire({ attemptId, leaseUntil: now + 34 * SECOND, key });
    const release = async (outcome: Outcome | { kind: 'unused' }) => {
      if (admission.kind !== 'admitted')
        throw new Error(`The gate rejected the attempt: ${admission.rejection.kind}.`);
      const { slot, acquiredAt } = admission;
      await gate.release({ attemptId, slot, acquiredAt, key, outcome });
    };
    return { admission, release };
  };
  const call = async (outcome: Outcome, key?: string) => (await acquire(key)).release(outcome);
  const rejection = async (key = 'key-1') => (await gate.snapshot(key)).rejection;
  return {
    gate,
    process,
    store,
    acquire,
    call,
    rejection,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};

const isAdmitted = (admission: Admission) => admission.kind === 'admitted';

describe('a refusal of the account', () => {
  it.each(['insufficient_credit', 'no_permission', 'invalid_key'] as const)(
    'for %s rejects all calls for a minute',
    async (reason) => {
      const { call, acquire, wait, rejection } = givenGate();
      await call(refused(reason));
      const expected = { kind: 'blocked', reason, since: T0, until: T0 + MINUTE };
      expect((await acquire()).admission).toEqual({ kind: 'rejected', rejection: expected });
      expect(await rejection()).toEqual(expected);
      wait(MINUTE - 1);
      expect((await acquire()).admission).toEqual({ kind: 'rejected', rejection: expected });
    },
  );

  it('that concerns only the request does not block the account', async () => {
    const { call, acquire, rejection } = givenGate();
    await call(refused('invalid_parameters'));
    expect(await rejection()).toBeUndefined();
    expect(isAdmitted((await acquire()).admission)).toBe(true);
  });

  it('also applies to other processes', async () => {
    const { call, process } = givenGate();
    const other = process();
    await other.warmUp();
    await call(refused());
    const admission = await other.acquire({ attemptId: 'other', leaseUntil: T0, key: 'key-1' });
    expect(admission).toMatchObject({ kind: 'rejected', rejection: { kind: 'blocked' } });
  });

  it('of several concurrent calls blocks for one minute, not longer', async () => {
    const { acquire, rejection, wait } = givenGate();
    const calls = await Promise.all([acquire(), acquire(), acquire()]);
    for (const { release } of calls) {
      await release(refused());
      wait(SECOND);
    }
    expect(await rejection()).toMatchObject({ since: T0, until: T0 + MINUTE });
  });
});

describe('the probe of a blocked account', () => {
  const givenBlock = async () => {
    const given = givenGate();
    await given.call(refused());
    given.wait(MINUTE);
    return given;
  };

  it('is the only admitted call', async () => {
    const { acquire } = await givenBlock();
    const admissions = await Promise.all([acquire(), acquire(), acquire()]);
    expect(admissions.filter(({ admission }) => isAdmitted(admission))).toHaveLength(1);
    expect(isAdmitted((await acquire()).admission)).toBe(false);
  });

  it('that succeeds ends the block', async () => {
    const { acquire, call, rejection } = await givenBlock();
    await call(accepted);
    expect(await rejection()).toBeUndefined();
    const admissions = await Promise.all([acquire(), acquire(), acquire()]);
    expect(admissions.every(({ admission }) => isAdmitted(admission))).toBe(true);
  });

  it('that is refused for its parameters ends the block', async () => {
    const { call, rejection } = await givenBlock();
    await call(refused('invalid_parameters'));
    expect(await rejection()).toBeUndefined();
  });

  it('that is refused doubles the time to the next one, up to 15 minutes', async () => {
    const { acquire, call, wait, rejection } = await givenBlock();
    const minutes: number[] = [];
    let now = T0 + MINUTE;
    for (let probes = 0; probes < 6; probes += 1) {
      await call(refused());
      const current = await rejection();
      if (current?.kind !== 'blocked') throw new Error('The gate should be blocked.');
      expect(current.since).toBe(T0);
      minutes.push((current.until - now) / MINUTE);
      wait(current.until - now - 1);
      expect(isAdmitted((await acquire()).admission)).toBe(false);
      wait(1);
      now = current.until;
    }
    expect(minutes).toEqual([2, 4, 8, 15, 15, 15]);
  });

  it('that was not used is followed by the next one at once', async () => {
    const { acquire } = await givenBlock();
    await (await acquire()).release({ kind: 'unused' });
    expect(isAdmitted((await acquire()).admission)).toBe(true);
  });

  it.each<[string, Outcome]>([
    ['failed', { kind: 'failed', code: 50000, message: '' }],
    ['was rejected with an HTTP status', { kind: 'http_rejected', httpStatus: 502 }],
    ['got no answer', { kind: 'no_answer', cause: 'x' }],
  ])('that %s leaves the block unchanged, and the next one is allowed a minute later', async (_, outcome) => {
    const { call, acquire, wait, rejection } = await givenBlock();
    await call(outcome);
    expect(await rejection()).toMatchObject({ kind: 'blocked', since: T0, until: T0 + 2 * MINUTE });
    wait(MINUTE);
    expect(isAdmitted((await acquire()).admission)).toBe(true);
  });

  it('whose process ended is followed by the next one when its lease expires', async () => {
    const { acquire, wait } = await givenBlock();
    await acquire();
    wait(34 * SECOND - 1);
    expect(isAdmitted((await acquire()).admission)).toBe(false);
    wait(1);
    expect(isAdmitted((await acquire()).admission)).toBe(true);
  });
});

describe('a block', () => {
  it('does not apply to another key', async () => {
    const { call, acquire, rejection } = givenGate();
    await call(refused('invalid_key'), 'key-1');
    expect(isAdmitted((await acquire('key-2')).admission)).toBe(true);
    expect(await rejection('key-1')).toBeUndefined();
  });

  it('of a new key starts a new block', async () => {
    const { call, rejection, wait } = givenGate();
    await call(refused('invalid_key'), 'key-1');
    wait(5 * SECOND);
    await call(refused('invalid_key'), 'key-2');
    expect(await rejection('key-2')).toMatchObject({
      since: T0 + 5 * SECOND,
      until: T0 + 5 * SECOND + MINUTE,
    });
  });

  it('is not ended by the success of a call that was sent before it started', async () => {
    const { acquire, call, rejection, wait } = givenGate();
    const early = await acquire();
    wait(SECOND);
    await call(refused());
    wait(SECOND);
    await early.release(accepted);
    expect(await rejection()).toMatchObject({ kind: 'blocked', since: T0 + SECOND });
  });
});

describe('after a 429', () => {
  it('no call is admitted for the time that JoggAI names', async () => {
    const { call, acquire, wait } = givenGate();
    await call({ kind: 'rate_limited', retryAfterSeconds: 9 });
    const expected = { kind: 'backing_off', until: T0 + 9 * SECOND };
    expect((await acquire()).admission).toEqual({ kind: 'rejected', rejection: expected });
    wait(9 * SECOND - 1);
    expect((await acquire()).admission).toEqual({ kind: 'rejected', rejection: expected });
    wait(1);
    expect(isAdmitted((await acquire()).admission)).toBe(true);
  });

  it('a shorter wait does not shorten a longer one', async () => {
    const { acquire, rejection } = givenGate();
    const [first, second] = await Promise.all([acquire(), acquire()]);
    await first?.release({ kind: 'rate_limited', retryAfterSeconds: 30 });
    await second?.release({ kind: 'rate_limited', retryAfterSeconds: 5 });
    expect(await rejection()).toEqual({ kind: 'backing_off', until: T0 + 30 * SECOND });
  });

  it('a block remains, with its next probe a minute later', async () => {
    const { call, rejection, wait } = givenGate();
    await call(refused());
    wait(MINUTE);
    await call({ kind: 'rate_limited', retryAfterSeconds: 5 });
    expect(await rejection()).toMatchObject({ kind: 'blocked', until: T0 + 2 * MINUTE });
  });
});

it('no call is admitted for 10 s after JoggAI could not be reached', async () => {
  const { call, acquire, rejection, wait } = givenGate();
  await call({ kind: 'not_sent', cause: 'ECONNREFUSED' });
  expect(await rejection()).toEqual({ kind: 'backing_off', until: T0 + 10 * SECOND });
  wait(10 * SECOND);
  expect(isAdmitted((await acquire()).admission)).toBe(true);
});

describe('a pause', () => {
  it('rejects all calls until it ends, and names its start and the operator', async () => {
    const { gate, acquire, wait } = givenGate();
    await gate.pause({ by: 'operator' });
    wait(60 * MINUTE);
    expect((await acquire()).admission).toEqual({
      kind: 'rejected',
      rejection: { kind: 'paused', since: T0, by: 'operator' },
    });
    await gate.pause(undefined);
    expect(isAdmitted((await acquire()).admission)).toBe(true);
  });

  it('does not end a block', async () => {
    const { gate, call, rejection } = givenGate();
    await call(refused());
    await gate.pause({ by: 'operator' });
    expect(await rejection()).toMatchObject({ kind: 'paused' });
    expect(await rejection('key-2')).toMatchObject({ kind: 'paused' });
    await gate.pause(undefined);
    expect(await rejection()).toMatchObject({ kind: 'blocked' });
  });

  it('does not prevent a call in flight from releasing its slot', async () => {
    const { gate, acquire, store } = givenGate();
    const early = await acquire();
    await gate.pause({ by: 'operator' });
    await early.release(accepted);
    expect([...store.view().slots.values()]).toMatchObject([{ until: T0 + MINUTE, calls: 1 }]);
    expect(store.view().account?.pause).toMatchObject({ by: 'operator' });
  });
});
