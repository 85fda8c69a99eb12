import { describe, expect, it } from 'vitest';
import { withCallerLimit } from '../../lambda/domain/gate/caller-limit.ts';
import type { Gate } from '../../lambda/domain/gate/gate.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { createInMemoryCallerAttempts } from '../../model/in-memory-caller-attempts.ts';
import { createDrainWorld, names } from '../support/drain-world.ts';
import { createWorld, keyedCommand } from '../support/submission-world.ts';

const DAY = '2026-11-22';
const MIDNIGHT = Date.UTC(2026, 10, 23);

/** Submissions of alice and bob, with a limit of 2 calls a day for each. */
const givenLimit = (change: (gate: Gate) => Gate = (gate) => gate) => {
  const world = createWorld();
  const attempts = createInMemoryCallerAttempts();
  const submit = (owner: string, key: string) =>
    world
      .process(() => ({
        gate: withCallerLimit(change(world.gate()), { attempts, limit: 2, clock: () => world.time.now }),
      }))
      .submit(keyedCommand(key, { owner }), world.invocation());
  return { ...world, attempts, submit, counted: (owner: string) => attempts.count({ owner, day: DAY }) };
};

describe('with a limit for each caller', () => {
  it('a caller who reached it is rejected until midnight UTC, and others are not', async () => {
    const { submit, time, joggai } = givenLimit();
    for (const key of ['a', 'b']) expect(await submit('alice', key)).toMatchObject({ kind: 'submitted' });
    expect(await submit('alice', 'c')).toMatchObject({
      kind: 'rejected_by_gate',
      rejection: { kind: 'caller_limit_reached', limit: 2, until: MIDNIGHT },
      record: { status: 'rejected', charged: 'no', attempts: 0, error: { code: 'caller_limit_reached' } },
    });
    expect(await submit('bob', 'd')).toMatchObject({ kind: 'submitted' });
    time.now = MIDNIGHT;
    expect(await submit('alice', 'c')).toMatchObject({ kind: 'submitted' });
    expect(joggai.charges).toBe(4);
  });

  it('concurrent requests of a caller do not exceed it', async () => {
    const { submit, joggai, slotsInUse } = givenLimit();
    await Promise.all(Array.from({ length: 10 }, (_, index) => submit('alice', `key-${index}`)));
    expect(joggai.charges).toBe(2);
    expect(await slotsInUse()).toBe(2);
  });

  it.each<[Outcome, number]>([
    [{ kind: 'accepted', photoId: 'p' }, 1],
    [{ kind: 'failed', code: 50000, message: '' }, 1],
    [{ kind: 'no_answer', cause: 'x' }, 1],
    [{ kind: 'not_sent', cause: 'x' }, 0],
    [{ kind: 'rate_limited', retryAfterSeconds: 9 }, 0],
    [{ kind: 'http_rejected', httpStatus: 403 }, 0],
    [{ kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' }, 0],
  ])('a call that ended as $kind counts only if it may have been charged', async (outcome, count) => {
    const { submit, joggai, counted } = givenLimit();
    joggai.answer = () => outcome;
    await submit('alice', 'a');
    expect(counted('alice')).toBe(count);
  });

  it('a call counts on the day on which it was made, also if it ends on the next one', async () => {
    const { submit, joggai, time, attempts } = givenLimit();
    time.now = MIDNIGHT - 1;
    joggai.answer = () => {
      time.now += 1_000;
      return { kind: 'not_sent', cause: 'x' };
    };
    await submit('alice', 'a');
    expect([DAY, '2026-11-23'].map((day) => attempts.count({ owner: 'alice', day }))).toEqual([0, 0]);
  });

  it('a request that the gate does not admit does not count', async () => {
    const { submit, gate, counted } = givenLimit();
    await gate().pause({ by: 'operator' });
    expect(await submit('alice', 'a')).toMatchObject({ rejection: { kind: 'paused' } });
    expect(counted('alice')).toBe(0);
  });

  it('a request does not count if the gate fails', async () => {
    const { submit, counted } = givenLimit((gate) => ({
      ...gate,
      acquire: () => Promise.reject(new Error('unreachable')),
    }));
    expect(await submit('alice', 'a')).toMatchObject({ kind: 'queued' });
    expect(counted('alice')).toBe(0);
  });

  it('a request holds no slot if the counts cannot be read, and is not sent', async () => {
    const { submit, attempts, joggai, slotsInUse } = givenLimit();
    attempts.add = () => Promise.reject(new Error('unreachable'));
    expect(await submit('alice', 'a')).toMatchObject({ kind: 'queued' });
    expect(joggai.calls).toEqual([]);
    expect(await slotsInUse()).toBe(0);
  });

  it('a replay does not count', async () => {
    const { submit, counted } = givenLimit();
    for (let count = 0; count < 3; count += 1) await submit('alice', 'a');
    expect(counted('alice')).toBe(1);
  });
});

describe('queued requests of a caller who reached the limit', () => {
  it('wait until midnight UTC in their order, and hold up no other', async () => {
    const { time, enqueue, drain, sent, record, ports } = createDrainWorld();
    const attempts = createInMemoryCallerAttempts();
    const gate = withCallerLimit(ports.gate as Gate, { attempts, limit: 2, clock: time.clock });
    for (const name of names(40)) {
      await enqueue(`alice ${name}`);
      await time.finish(time.wait(5_000));
    }
    await enqueue('bob');
    expect(await time.finish(drain(undefined, { gate }))).toEqual({ calls: 3, end: { kind: 'empty' } });
    expect(sent()).toEqual(['alice request 0', 'alice request 1', 'bob']);
    const waiting = await record('alice request 2');
    expect(waiting).toMatchObject({ status: 'queued', attempts: 0 });
    expect(waiting.dueAt).toMatch(/^2026-11-23T00:00:/);

    await time.finish(time.wait(MIDNIGHT + 60_000 - time.clock()));
    expect(await time.finish(drain(undefined, { gate }))).toMatchObject({ calls: 2 });
    expect(sent().slice(3)).toEqual(['alice request 2', 'alice request 3']);
  });
});
