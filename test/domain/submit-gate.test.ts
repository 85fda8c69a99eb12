import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { command, createWorld, keyedCommand, T0, type World } from '../support/submission-world.ts';

const submit = (world: World, key = 'order-1') =>
  world.process().submit(keyedCommand(key), world.invocation());
const noCredit: Outcome = { kind: 'refused', reason: 'insufficient_credit', code: 18020, message: '' };
const statuses = (world: World) => world.ledger.records().map(({ status }) => status);

describe('while', () => {
  it('all slots are held, a request is queued and not sent', async () => {
    const world = createWorld({ slots: 1 });
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'queued',
      record: { status: 'queued', attempts: 0, charged: 'no' },
      rejection: { kind: 'rate_limited', until: T0 + 60_000 },
    });
    expect(statuses(world)).toEqual(['generating', 'queued']);
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('the gate backs off, a request is queued and not sent', async () => {
    const world = createWorld();
    world.joggai.answer = () => ({ kind: 'rate_limited', retryAfterSeconds: 9 });
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'queued',
      rejection: { kind: 'backing_off', until: T0 + 9_000 },
    });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('the account is blocked, a request is rejected with the reason and not sent', async () => {
    const world = createWorld();
    world.joggai.answer = () => noCredit;
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'rejected_by_gate',
      record: { status: 'rejected', charged: 'no', attempts: 0, error: { code: 'insufficient_credit' } },
      rejection: { kind: 'blocked' },
    });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('calls are paused, a request is rejected and not sent', async () => {
    const world = createWorld();
    await world.gate().pause({ by: 'operator' });
    expect(await submit(world)).toMatchObject({
      kind: 'rejected_by_gate',
      record: { status: 'rejected', error: { code: 'paused' } },
    });
    expect(world.joggai.calls).toEqual([]);
  });

  it('the daily limit is reached, a request is rejected and not sent', async () => {
    const world = createWorld({ dailyCallLimit: 1 });
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'rejected_by_gate',
      record: { status: 'rejected', error: { code: 'daily_limit_reached' } },
    });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('the gate cannot be reached, a request is queued and not sent', async () => {
    const world = createWorld();
    const process = world.process(({ gate }) => ({
      gate: { ...gate, acquire: () => Promise.reject(new Error('unreachable')) },
    }));
    expect(await process.submit(keyedCommand('order-1'), world.invocation())).toMatchObject({
      kind: 'queued',
      record: { status: 'queued', charged: 'no' },
    });
    expect(world.joggai.calls).toEqual([]);
  });
});

describe('a slot', () => {
  it('of a rejected request that is submitted again is released if the ledger fails', async () => {
    const { joggai, process, invocation, ledger, slotsInUse, time } = createWorld();
    joggai.answer = () => ({ kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' });
    await process().submit(keyedCommand('key'), invocation());
    time.now += 60_000;
    expect(await slotsInUse()).toBe(0);
    const failing = process(() => ({
      ledger: { ...ledger, replace: () => Promise.reject(new Error('The ledger is unavailable.')) },
    }));
    await expect(failing.submit(keyedCommand('key'), invocation())).rejects.toThrow(
      'The ledger is unavailable.',
    );
    expect(await slotsInUse()).toBe(0);
    expect(joggai.calls).toHaveLength(1);
  });

  it('of a known key is released at once', async () => {
    const world = createWorld();
    await submit(world);
    await submit(world);
    expect(await world.slotsInUse()).toBe(1);
  });

  it('of a request that could not be recorded is released at once, and the caller gets the error', async () => {
    const world = createWorld();
    const process = world.process(({ ledger }) => ({
      ledger: { ...ledger, create: () => Promise.reject(new Error('unreachable')) },
    }));
    await expect(process.submit(command(), world.invocation())).rejects.toThrow('unreachable');
    expect(await world.slotsInUse()).toBe(0);
    expect(world.joggai.calls).toEqual([]);
  });

  it.each<[Outcome, number]>([
    [{ kind: 'accepted', photoId: 'p' }, 1],
    [noCredit, 1],
    [{ kind: 'rate_limited', retryAfterSeconds: 9 }, 1],
    [{ kind: 'failed', code: 50000, message: '' }, 1],
    [{ kind: 'http_rejected', httpStatus: 403 }, 1],
    [{ kind: 'no_answer', cause: 'x' }, 1],
    [{ kind: 'not_sent', cause: 'x' }, 0],
  ])('after the outcome $kind is free again in time', async (outcome, inUse) => {
    const world = createWorld();
    world.joggai.answer = () => outcome;
    await submit(world);
    expect(await world.slotsInUse()).toBe(inUse);
    world.time.now += outcome.kind === 'no_answer' ? 94_000 : 60_000;
    expect(await world.slotsInUse()).toBe(0);
  });

  it('that cannot be released does not affect the caller', async () => {
    const world = createWorld();
    const process = world.process(({ gate }) => ({
      gate: { ...gate, release: () => Promise.reject(new TypeError('unreachable')) },
    }));
    expect(await process.submit(command(), world.invocation())).toMatchObject({ kind: 'submitted' });
    expect(world.reported).toEqual(['slot not released TypeError', 'recorded generating']);
  });
});

describe('an outcome that cannot be recorded', () => {
  const givenUnrecordable = () => {
    const world = createWorld();
    const process = world.process(({ ledger }) => ({
      ledger: { ...ledger, replace: () => Promise.reject(new TypeError('unreachable')) },
    }));
    return { world, process };
  };

  it('is returned to the caller, and never leads to a second call', async () => {
    const { world, process } = givenUnrecordable();
    expect(await process.submit(keyedCommand('order-1'), world.invocation())).toMatchObject({
      kind: 'unrecorded',
      record: { status: 'generating', photoId: 'photo-key-1' },
    });
    expect(world.reported).toEqual(['not recorded TypeError']);
    expect(statuses(world)).toEqual(['submitting']);
    for (let again = 0; again < 3; again += 1) {
      world.time.now += 3_600_000;
      expect(await submit(world)).toMatchObject({ kind: 'replayed', record: { status: 'submitting' } });
    }
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('releases its slot', async () => {
    const { world, process } = givenUnrecordable();
    await process.submit(keyedCommand('order-1'), world.invocation());
    world.time.now += 60_000;
    expect(await world.slotsInUse()).toBe(0);
  });

  it('does not overwrite a concurrent change of the record', async () => {
    const world = createWorld();
    world.joggai.answer = () => {
      const [record] = world.ledger.records();
      if (record) void world.ledger.replace({ ...record, version: record.version + 1, status: 'in_doubt' });
      return { kind: 'accepted', photoId: 'photo-1' };
    };
    expect(await submit(world)).toMatchObject({ kind: 'unrecorded' });
    expect(statuses(world)).toEqual(['in_doubt']);
  });
});

describe('a request whose caller does not wait', () => {
  it('is queued, and JoggAI is not called', async () => {
    const world = createWorld();
    const result = await world.process().enqueue(keyedCommand('order-1'), world.invocation());
    expect(result).toMatchObject({ kind: 'queued', record: { status: 'queued', attempts: 0 } });
    expect(statuses(world)).toEqual(['queued']);
    expect(await world.slotsInUse()).toBe(0);
    expect(world.joggai.calls).toEqual([]);
  });

  it('is recorded once, for any number of deliveries', async () => {
    const world = createWorld();
    await Promise.all(
      Array.from({ length: 5 }, () => world.process().enqueue(keyedCommand('order-1'), world.invocation())),
    );
    expect(await submit(world)).toMatchObject({ kind: 'replayed', record: { status: 'queued' } });
    expect(world.ledger.records()).toHaveLength(1);
  });

  it('is queued again after it was rejected', async () => {
    const world = createWorld();
    await world.gate().pause({ by: 'operator' });
    await submit(world);
    const result = await world.process().enqueue(keyedCommand('order-1'), world.invocation());
    expect(result).toMatchObject({ kind: 'queued', record: { status: 'queued' } });
    expect(statuses(world)).toEqual(['queued']);
  });

  it('is accepted without an API key', async () => {
    const world = createWorld();
    world.secret.remembered = { kind: 'unset' };
    const result = await world.process().enqueue(keyedCommand('order-1'), world.invocation());
    expect(result).toMatchObject({ kind: 'queued' });
  });
});
