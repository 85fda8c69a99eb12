import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { ask, createWorld, keyedAsk, T0, type World } from '../support/submission-world.ts';

const submit = (world: World, key = 'order-1') => world.process().submit(keyedAsk(key), world.invocation());
const noCredit: Outcome = { kind: 'refused', reason: 'insufficient_credit', code: 18020, message: '' };
const statuses = (world: World) => world.ledger.records().map(({ status }) => status);

describe('while the gate is', () => {
  it('full, a request is queued and not sent', async () => {
    const world = createWorld({ slots: 1 });
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'queued',
      record: { status: 'queued', attempts: 0, charged: 'no' },
      why: { kind: 'full', until: T0 + 60_000 },
    });
    expect(statuses(world)).toEqual(['generating', 'queued']);
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('waiting for JoggAI, a request is queued and not sent', async () => {
    const world = createWorld();
    world.joggai.answer = () => ({ kind: 'rate_limited', retryAfterSeconds: 9 });
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'queued',
      why: { kind: 'waiting', until: T0 + 9_000 },
    });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('blocked, a request is rejected with the reason and not sent', async () => {
    const world = createWorld();
    world.joggai.answer = () => noCredit;
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'turned_back',
      record: { status: 'rejected', charged: 'no', attempts: 0, error: { code: 'insufficient_credit' } },
      why: { kind: 'blocked' },
    });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('paused, a request is rejected and not sent', async () => {
    const world = createWorld();
    await world.gate().pause({ by: 'operator' });
    expect(await submit(world)).toMatchObject({
      kind: 'turned_back',
      record: { status: 'rejected', error: { code: 'paused' } },
    });
    expect(world.joggai.calls).toEqual([]);
  });

  it('spent for today, a request is rejected and not sent', async () => {
    const world = createWorld({ dailyCallLimit: 1 });
    await submit(world, 'first');
    expect(await submit(world, 'second')).toMatchObject({
      kind: 'turned_back',
      record: { status: 'rejected', error: { code: 'daily_limit' } },
    });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('out of reach, a request is queued and not sent', async () => {
    const world = createWorld();
    const process = world.process(({ gate }) => ({
      gate: { ...gate, take: () => Promise.reject(new Error('out of reach')) },
    }));
    expect(await process.submit(keyedAsk('order-1'), world.invocation())).toMatchObject({
      kind: 'queued',
      record: { status: 'queued', charged: 'no' },
    });
    expect(world.joggai.calls).toEqual([]);
  });
});

describe('a slot', () => {
  it('of a key that is known is given back at once', async () => {
    const world = createWorld();
    await submit(world);
    await submit(world);
    expect(await world.slotsInUse()).toBe(1);
  });

  it('of a request that could not be recorded is given back at once, and the caller is told', async () => {
    const world = createWorld();
    const process = world.process(({ ledger }) => ({
      ledger: { ...ledger, create: () => Promise.reject(new Error('out of reach')) },
    }));
    await expect(process.submit(ask(), world.invocation())).rejects.toThrow('out of reach');
    expect(await world.slotsInUse()).toBe(0);
    expect(world.joggai.calls).toEqual([]);
  });

  it.each<[Outcome, number]>([
    [{ kind: 'accepted', photoId: 'p' }, 1],
    [noCredit, 1],
    [{ kind: 'rate_limited', retryAfterSeconds: 9 }, 1],
    [{ kind: 'failed', code: 50000, message: '' }, 1],
    [{ kind: 'turned_away', httpStatus: 403 }, 1],
    [{ kind: 'no_answer', cause: 'x' }, 1],
    [{ kind: 'not_sent', cause: 'x' }, 0],
  ])('that met $kind is free again in time', async (outcome, inUse) => {
    const world = createWorld();
    world.joggai.answer = () => outcome;
    await submit(world);
    expect(await world.slotsInUse()).toBe(inUse);
    world.time.now += outcome.kind === 'no_answer' ? 94_000 : 60_000;
    expect(await world.slotsInUse()).toBe(0);
  });

  it('that cannot be given back costs the caller nothing', async () => {
    const world = createWorld();
    const process = world.process(({ gate }) => ({
      gate: { ...gate, giveBack: () => Promise.reject(new TypeError('out of reach')) },
    }));
    expect(await process.submit(ask(), world.invocation())).toMatchObject({ kind: 'submitted' });
    expect(world.told).toEqual(['slot not returned TypeError', 'settled generating']);
  });
});

describe('an outcome that cannot be recorded', () => {
  const givenUnrecordable = () => {
    const world = createWorld();
    const process = world.process(({ ledger }) => ({
      ledger: { ...ledger, replace: () => Promise.reject(new TypeError('out of reach')) },
    }));
    return { world, process };
  };

  it('is told to the caller with what JoggAI said, and never leads to a second call', async () => {
    const { world, process } = givenUnrecordable();
    expect(await process.submit(keyedAsk('order-1'), world.invocation())).toMatchObject({
      kind: 'unrecorded',
      record: { status: 'generating', photoId: 'photo-key-1' },
    });
    expect(world.told).toEqual(['unrecorded TypeError']);
    expect(statuses(world)).toEqual(['submitting']);
    for (let again = 0; again < 3; again += 1) {
      world.time.now += 3_600_000;
      expect(await submit(world)).toMatchObject({ kind: 'replayed', record: { status: 'submitting' } });
    }
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('gives its slot back all the same', async () => {
    const { world, process } = givenUnrecordable();
    await process.submit(keyedAsk('order-1'), world.invocation());
    world.time.now += 60_000;
    expect(await world.slotsInUse()).toBe(0);
  });

  it('does not overwrite what somebody else made of the record meanwhile', async () => {
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
  it('is queued, and nobody is called', async () => {
    const world = createWorld();
    const result = await world.process().enqueue(keyedAsk('order-1'), world.invocation());
    expect(result).toMatchObject({ kind: 'queued', record: { status: 'queued', attempts: 0 } });
    expect(statuses(world)).toEqual(['queued']);
    expect(await world.slotsInUse()).toBe(0);
    expect(world.joggai.calls).toEqual([]);
  });

  it('is recorded once, however often it is asked for', async () => {
    const world = createWorld();
    await Promise.all(
      Array.from({ length: 5 }, () => world.process().enqueue(keyedAsk('order-1'), world.invocation())),
    );
    expect(await submit(world)).toMatchObject({ kind: 'replayed', record: { status: 'queued' } });
    expect(world.ledger.records()).toHaveLength(1);
  });

  it('is queued again after it was rejected', async () => {
    const world = createWorld();
    await world.gate().pause({ by: 'operator' });
    await submit(world);
    const result = await world.process().enqueue(keyedAsk('order-1'), world.invocation());
    expect(result).toMatchObject({ kind: 'queued', record: { status: 'queued' } });
    expect(statuses(world)).toEqual(['queued']);
  });

  it('is taken without an API key', async () => {
    const world = createWorld();
    world.secret.remembered = { kind: 'unset' };
    const result = await world.process().enqueue(keyedAsk('order-1'), world.invocation());
    expect(result).toMatchObject({ kind: 'queued' });
  });
});
