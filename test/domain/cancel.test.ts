import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { Ledger } from '../../lambda/domain/ports.ts';
import { isUnresolved, mayBeSubmittedAgain } from '../../lambda/domain/record/record.ts';
import { createCancel } from '../../lambda/domain/submission/cancel.ts';
import { createResolve } from '../../lambda/domain/submission/resolve.ts';
import { createSubmitter } from '../../lambda/domain/submission/submit.ts';
import { createDrainWorld } from '../support/drain-world.ts';
import { AVATAR } from '../support/requests.ts';
import { keyedCommand } from '../support/submission-world.ts';

const NO_ANSWER: Outcome = { kind: 'no_answer', cause: 'ECONNRESET' };

/** A drain world whose requests can be cancelled, resolved, and delivered under a key. */
const createCancelWorld = () => {
  const world = createDrainWorld();
  const { ledger } = world;
  const clock = world.time.clock;
  const invocation = (id = 'api') => ({ id, deadline: clock() + 29_000 });
  return {
    ...world,
    cancel: (id: string, from: Pick<Ledger, 'get' | 'replace'> = ledger) =>
      createCancel({ ledger: from, clock })(id, 'arn:ann', invocation()),
    resubmit: async (id: string) =>
      createResolve({ ledger, clock })(
        id,
        { action: 'resubmit', by: 'arn:bob', reason: 'again', version: (await world.record(id)).version },
        invocation(),
      ),
    deliver: () =>
      createSubmitter({ ...world.ports, ledger }).enqueue(keyedCommand('order-1'), invocation('intake')),
    submit: () =>
      world.time.finish(
        createSubmitter({ ...world.ports, ledger }).submit(keyedCommand('order-1'), invocation()),
      ),
    drainNow: () => world.time.finish(world.drain()),
  };
};

describe('a queued request that is cancelled', () => {
  it('is cancelled and not charged, with who and when in its history, and is to be published', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    const now = new Date(world.time.clock()).toISOString();
    expect(await world.cancel('one')).toEqual({ kind: 'cancelled', record: await world.record('one') });
    expect(await world.record('one')).toMatchObject({
      status: 'cancelled',
      charged: 'no',
      attempts: 0,
      open: 'announcing',
      dueAt: now,
      error: { code: 'cancelled', message: expect.stringContaining('Nothing was charged.') },
      history: [
        { status: 'queued' },
        { status: 'cancelled', at: now, by: 'api', note: 'cancelled by arn:ann', version: 2 },
      ],
    });
  });

  it('is never submitted', async () => {
    const world = createCancelWorld();
    await world.enqueue('one', 'two');
    await world.cancel('one');
    await world.drainNow();
    expect(world.sent()).toEqual(['two']);
  });

  it('is not submitted when its event or its call comes again under the same key', async () => {
    const world = createCancelWorld();
    const { record } = Object(await world.deliver());
    await world.cancel(record.id);
    for (const again of [world.deliver, world.submit]) {
      expect(await again()).toMatchObject({ kind: 'replayed', record: { status: 'cancelled' } });
    }
    await world.drainNow();
    expect(world.sent()).toEqual([]);
    expect(mayBeSubmittedAgain(await world.record(record.id))).toBe(false);
  });

  it('leaves a person nothing to resolve', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    await world.cancel('one');
    expect(isUnresolved(await world.record('one'))).toBe(false);
    expect(await world.resubmit('one')).toMatchObject({ kind: 'not_resolvable' });
  });

  it('is answered the same again when it is cancelled twice, and is not changed', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    const first = await world.cancel('one');
    expect(await world.cancel('one')).toEqual(first);
  });

  it('stays possibly charged if an earlier attempt may have been charged, and says so', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    world.joggai.answer = () => NO_ANSWER;
    await world.drainNow();
    await world.resubmit('one');
    await world.cancel('one');
    const record = await world.record('one');
    expect(record).toMatchObject({ status: 'cancelled', charged: 'unknown', attempts: 1 });
    expect(record.error?.message).toContain('An earlier attempt may have been charged');
    expect(record.error?.message).not.toContain('Nothing was charged');
    expect(isUnresolved(record)).toBe(false);
  });
});

describe('a request that is not queued', () => {
  it('is not cancelled, and stays as it is', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    await world.drainNow();
    const before = await world.record('one');
    expect(before.status).toBe('generating');
    expect(await world.cancel('one')).toEqual({ kind: 'not_cancellable', record: before });
    expect(await world.record('one')).toEqual(before);
  });

  it('does not exist under an unknown id', async () => {
    expect(await createCancelWorld().cancel('one')).toEqual({ kind: 'not_found' });
  });
});

describe('a cancellation and a dispatch at the same time', () => {
  it('have one winner: a request that is claimed first is not cancelled', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    const { get, replace } = world.ledger;
    const late = {
      replace,
      async get(id: string) {
        const record = await get(id);
        await world.drainNow();
        return record;
      },
    };
    expect(await world.cancel('one', late)).toMatchObject({
      kind: 'not_cancellable',
      record: { status: 'generating', charged: 'yes' },
    });
  });

  it('have one winner: a request that is cancelled first is not claimed', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    const due = world.ports.ledger.due;
    const late = {
      ...world.ports.ledger,
      async due(...query: Parameters<typeof due>) {
        const found = await due(...query);
        await world.cancel('one');
        return found;
      },
    };
    await world.time.finish(world.drain(undefined, { ledger: late }));
    expect(world.sent()).toEqual([]);
    expect(await world.record('one')).toMatchObject({ status: 'cancelled', charged: 'no' });
    expect(await world.slotsInUse()).toBe(0);
  });

  it('end with the cancellation if the request is queued again meanwhile', async () => {
    const world = createCancelWorld();
    await world.enqueue('one');
    world.joggai.answer = () => ({ kind: 'rate_limited', retryAfterSeconds: 60 });
    const { get, replace } = world.ledger;
    let isFirst = true;
    const late = {
      get,
      async replace(next: Parameters<typeof replace>[0]) {
        if (isFirst) {
          isFirst = false;
          await world.time.finish(world.drain({ concurrency: 1, waitForSlots: false }));
        }
        return replace(next);
      },
    };
    expect(await world.cancel('one', late)).toMatchObject({
      kind: 'cancelled',
      record: { attempts: 1, charged: 'no', request: { ...AVATAR, appearance: 'one' } },
    });
  });
});
