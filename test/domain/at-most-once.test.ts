import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { CRASHES, type Crash, crashingPorts } from '../support/crashing-ports.ts';
import { createWorld, keyedCommand, type World } from '../support/submission-world.ts';

/** Delivers the request once, to a process that crashes at the given call. @returns whether it reached that call */
const deliver = async (world: World, index: number, crash: Crash): Promise<boolean> => {
  const { change, crashed, calls } = crashingPorts(index, crash);
  const submitted = world
    .process(change)
    .submit(keyedCommand('order-1'), world.invocation())
    .catch((error: Error) => error);
  await Promise.race([submitted, crashed]);
  return calls() > index;
};

const deliverFully = (world: World) => world.process().submit(keyedCommand('order-1'), world.invocation());

/** More calls than a submission makes. */
const NEVER = 1_000;

const answers: Record<string, Outcome> = {
  'a photo_id': { kind: 'accepted', photoId: 'photo-1' },
  '50000': { kind: 'failed', code: 50000, message: '' },
  nothing: { kind: 'no_answer', cause: 'ECONNRESET' },
};

/** Worlds with different courses of a submission. */
const WORLDS: Record<string, () => World | Promise<World>> = {
  ...Object.fromEntries(
    Object.entries(answers).map(([name, outcome]) => [
      `JoggAI answers ${name}`,
      () => {
        const world = createWorld();
        world.joggai.answer = () => outcome;
        return world;
      },
    ]),
  ),
  'the key is refused and the secret has another key': () => {
    const world = createWorld();
    world.secret.stored = { kind: 'present', value: 'key-2' };
    world.joggai.answer = (key) =>
      key === 'key-2'
        ? { kind: 'accepted', photoId: 'photo-1' }
        : { kind: 'refused', reason: 'invalid_key', code: 10105, message: '' };
    return world;
  },
  'the request was rejected before': async () => {
    const world = createWorld();
    await world.gate().pause({ by: 'operator' });
    await deliverFully(world);
    await world.gate().pause(undefined);
    return world;
  },
};

describe.each(Object.entries(WORLDS))('when %s', (_, givenWorld) => {
  it.each(CRASHES)('a request is paid at most once if any of its calls %s', async (crash) => {
    for (let index = 0; ; index += 1) {
      const world = await givenWorld();
      const isReached = await deliver(world, index, crash);
      for (let again = 0; again < 4; again += 1) {
        await deliverFully(world);
        // The next window, and a new lease: time alone must not cause a second charge.
        world.time.now += 61_000;
      }
      expect(world.joggai.charges, `call ${index} ${crash}`).toBeLessThanOrEqual(1);
      const [record, ...others] = world.ledger.records();
      expect(others).toEqual([]);
      // The ledger must not record a possibly charged request as not charged.
      if (world.joggai.charges > 0) expect(record?.charged).not.toBe('no');
      if (!isReached) {
        expect(index).toBeGreaterThan(5);
        return;
      }
    }
  });
});

it('a request is paid at most once if its deliveries crash at any call, concurrently or in sequence', async () => {
  const delivery = fc.record({
    index: fc.integer({ min: 0, max: 9 }),
    crash: fc.constantFrom(...CRASHES),
    together: fc.boolean(),
    waitMs: fc.integer({ min: 0, max: 120_000 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(delivery, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...Object.values(WORLDS)),
      async (deliveries, givenWorld) => {
        const world = await givenWorld();
        const running: Promise<unknown>[] = [];
        for (const { index, crash, together, waitMs } of deliveries) {
          const delivered = deliver(world, index, crash);
          if (together) running.push(delivered);
          else await delivered;
          world.time.now += waitMs;
        }
        await Promise.all(running);
        await deliver(world, NEVER, 'fails');
        expect(world.joggai.charges).toBeLessThanOrEqual(1);
        expect(world.ledger.records().length).toBeLessThanOrEqual(1);
      },
    ),
  );
});

it('twenty concurrent deliveries make one paid call, and all return the same record', async () => {
  const world = createWorld();
  const results = await Promise.all(Array.from({ length: 20 }, () => deliverFully(world)));
  expect(world.joggai.charges).toBe(1);
  expect(results.filter(({ kind }) => kind === 'submitted')).toHaveLength(1);
  expect(results.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
  const ids = results.map((result) => ('record' in result ? result.record.id : undefined));
  expect(new Set(ids).size).toBe(1);
  expect(await world.slotsInUse()).toBe(1);
});

it('each request without a key is a separate request', async () => {
  const world = createWorld();
  const { idempotency: _, ...keyless } = keyedCommand('');
  for (let count = 0; count < 3; count += 1) await world.process().submit(keyless, world.invocation());
  expect(world.joggai.charges).toBe(3);
  expect(world.ledger.records()).toHaveLength(3);
});
