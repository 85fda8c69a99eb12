import { describe, expect, it } from 'vitest';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const ACCEPTED: Outcome = { kind: 'accepted', photoId: 'photo' };
const BAD: readonly Outcome[] = [
  { kind: 'failed', code: 50_000, message: '' },
  { kind: 'http_rejected', httpStatus: 403 },
  { kind: 'no_answer', cause: 'no answer within 20 s' },
];
const [FAILED = ACCEPTED] = BAD;

const createWorld = () => {
  const time = { now: T0 };
  const store = createInMemoryGateStore();
  /** Each process has its own view of the one gate. */
  const process = () =>
    createGate({
      store,
      settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 1_000 },
      clock: () => time.now,
    });
  let attempts = 0;
  /** A call by a new process. Returns how the gate rejected it, or `undefined`. */
  const call = async (outcome: Outcome) => {
    attempts += 1;
    const attemptId = `attempt-${attempts}`;
    const gate = process();
    const admission = await gate.acquire({ attemptId, leaseUntil: time.now + MINUTE, key: 'key' });
    if (admission.kind === 'rejected') return admission.rejection;
    await gate.release({ attemptId, ...admission, key: 'key', outcome });
    return undefined;
  };
  const readFree = () => process().allowProbe('back_off');
  const backOff = async () => (await process().snapshot('key')).backOff;
  return { time, call, readFree, backOff, process };
};

const givenOutage = async () => {
  const world = createWorld();
  for (const outcome of BAD) await world.call(outcome);
  return world;
};

describe('the gate', () => {
  it('backs off for a window after three bad outcomes in a row, of any kind and in any process', async () => {
    const { call } = await givenOutage();
    expect(await call(ACCEPTED)).toEqual({ kind: 'backing_off', since: T0, until: T0 + MINUTE });
  });

  it.each<[string, Outcome]>([
    ['an acceptance', ACCEPTED],
    ['a refused parameter', { kind: 'refused', reason: 'invalid_parameters', code: 40_000, message: '' }],
  ])('counts anew after %s', async (_, good) => {
    const { call } = createWorld();
    for (let round = 0; round < 3; round += 1) {
      await call(FAILED);
      await call(FAILED);
      expect(await call(good)).toBeUndefined();
    }
  });

  it('does not count what says nothing about JoggAI', async () => {
    const { call, time, backOff } = createWorld();
    for (let round = 0; round < 5; round += 1) {
      await call({ kind: 'not_sent', cause: 'ECONNREFUSED' });
      await call({ kind: 'rate_limited', retryAfterSeconds: 1 });
      time.now += MINUTE;
    }
    expect(await backOff()).toBeUndefined();
  });
});

describe('a gate that backs off', () => {
  it('sends a probe only after its time has come and a free read succeeded', async () => {
    const { call, readFree, time } = await givenOutage();
    await readFree();
    expect(await call(ACCEPTED)).toMatchObject({ kind: 'backing_off' });
    time.now += MINUTE;
    expect(await call(ACCEPTED)).toMatchObject({ kind: 'backing_off' });
    await readFree();
    expect(await call(ACCEPTED)).toBeUndefined();
  });

  it('admits one probe for any number of concurrent requests', async () => {
    const { process, readFree, time } = await givenOutage();
    time.now += MINUTE;
    await readFree();
    const admissions = await Promise.all(
      [1, 2, 3, 4].map((index) =>
        process().acquire({ attemptId: `probe-${index}`, leaseUntil: time.now + MINUTE, key: 'key' }),
      ),
    );
    expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(1);
  });

  it('waits twice as long after each failed probe, up to 15 windows', async () => {
    const { call, readFree, time, backOff } = await givenOutage();
    const waits: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      time.now = (await backOff())?.until ?? 0;
      await readFree();
      expect(await call(FAILED)).toBeUndefined();
      waits.push((((await backOff())?.until ?? 0) - time.now) / MINUTE);
    }
    expect(waits).toEqual([2, 4, 8, 15, 15, 15]);
  });

  it('admits all calls after a probe that succeeded', async () => {
    const { call, readFree, time, backOff } = await givenOutage();
    time.now += MINUTE;
    await readFree();
    await call(ACCEPTED);
    expect(await backOff()).toBeUndefined();
    expect(await call(ACCEPTED)).toBeUndefined();
  });

  it('needs another free read after a probe whose process died', async () => {
    const { call, process, readFree, time } = await givenOutage();
    time.now += MINUTE;
    await readFree();
    await process().acquire({ attemptId: 'dies', leaseUntil: time.now + MINUTE, key: 'key' });
    time.now += 2 * MINUTE;
    expect(await call(ACCEPTED)).toMatchObject({ kind: 'backing_off' });
    await readFree();
    expect(await call(ACCEPTED)).toBeUndefined();
  });
});
