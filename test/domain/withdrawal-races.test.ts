import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { GenerationStatus } from '../../lambda/domain/ports.ts';
import { createErase } from '../../lambda/domain/record/erase.ts';
import { createCompletionWorld, generating, MINUTE, SUCCEEDED } from '../support/completion-world.ts';
import { CRASHES, crashingPorts } from '../support/crashing-ports.ts';
import { eventually } from '../support/eventually.ts';
import { ACTIONS, type Action, createWithdrawalWorld } from '../support/withdrawal-world.ts';

const ACCEPTED: Outcome = { kind: 'accepted', photoId: 'photo-1' };

const OUTCOMES: readonly Outcome[] = [
  ACCEPTED,
  { kind: 'rate_limited', retryAfterSeconds: 1 },
  { kind: 'refused', reason: 'invalid_parameters', code: 40_000, message: 'my words' },
  { kind: 'failed', code: 50_000, message: 'my words' },
  { kind: 'no_answer', cause: 'ECONNRESET' },
];

const STATUSES: readonly GenerationStatus[] = [
  SUCCEEDED,
  { kind: 'failed', message: 'my words' },
  { kind: 'running' },
];

/** Lets one call at a time take effect, until no process has one left. */
const untilIdle = async (scheduler: fc.Scheduler): Promise<void> => {
  for (await setImmediate(); scheduler.count() > 0; await setImmediate()) await scheduler.waitOne();
};

/** What happened before, one after the other: the request is queued, submitted or has ended. */
const BEFORE: readonly Action[][] = [
  ['enqueue'],
  ['enqueue', 'dispatch'],
  ['enqueue', 'dispatch', 'a minute passes', 'dispatch'],
];

/** Actions that run at the same time, some of them in a process that ends at one of its calls. */
const round = fc.array(
  fc.record({
    action: fc.constantFrom(...ACTIONS, 'dispatch', 'cancel', 'erase', 'erase'),
    endsAt: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined, freq: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);

it('a cancelled or erased request stays so, is not paid for again, and loses nothing, at any interleaving', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(round, { minLength: 2, maxLength: 8 }),
      fc.array(fc.constantFrom(...OUTCOMES, ACCEPTED, ACCEPTED), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...STATUSES, SUCCEEDED),
      fc.constantFrom(...BEFORE),
      async (scheduler, rounds, outcomes, status, before) => {
        const world = createWithdrawalWorld(() => scheduler.schedule(Promise.resolve()), outcomes, [status]);
        for (const actions of [...before.map((action) => [{ action, endsAt: undefined }]), ...rounds]) {
          for (const { action, endsAt } of actions) {
            world.act(action, endsAt).catch((error) => world.violations.push(String(error)));
          }
          await untilIdle(scheduler);
        }
        await world.settle();
        const record = world.record();
        expect(world.violations).toEqual([]);
        expect(record?.open).toBeUndefined();
        if (record?.erasure) {
          expect(record.erasedAt).toBeDefined();
          expect(world.copies()).toEqual([]);
        }
        if (record?.status === 'cancelled') {
          expect(world.published.map(({ status: end }) => end)).toContain('cancelled');
        }
        seen.add(`${record?.status}${record?.erasure ? ' erased' : ''}`);
      },
    ),
    { numRuns: 1_000 },
  );
  // The schedules reach what this test is about.
  for (const end of [
    'cancelled',
    'cancelled erased',
    'rejected erased',
    'succeeded erased',
    'failed erased',
  ]) {
    expect([...seen]).toContain(end);
  }
});

describe('an erasure whose process ends at one of its calls', () => {
  const givenSuccess = async () => {
    const world = createCompletionWorld();
    await world.ledger.create(generating());
    await world.dispatchFor(MINUTE, MINUTE);
    const erase = (ledger = world.ledger) =>
      createErase({ ledger, clock: () => world.time.now })('avatar-1', 'arn:ann', { id: 'api', deadline: 0 });
    return { ...world, erase };
  };

  it.each(CRASHES)('is completed by the next dispatch if a call of dispatch %s', async (crash) => {
    for (let index = 0; ; index += 1) {
      const world = await givenSuccess();
      await world.erase();
      for (let pass = 0; pass < 2; pass += 1) {
        const { changeCompletion, crashed } = crashingPorts(index, crash);
        await Promise.race([world.dispatch(changeCompletion(world.ports)).catch(() => {}), crashed]);
        world.time.now += 3 * MINUTE;
      }
      await world.dispatchFor(4 * MINUTE, MINUTE);
      expect(world.imageStore.kept(), `call ${index}`).toEqual([]);
      expect(await world.record(), `call ${index}`).toHaveProperty('erasedAt');
      const { calls, changeCompletion } = crashingPorts(Number.POSITIVE_INFINITY, crash);
      await world.dispatch(changeCompletion(world.ports));
      if (index > calls() + 3) return;
    }
  });

  it.each(CRASHES)('is answered when it is repeated if a call of the api function %s', async (crash) => {
    for (let index = 0; index < 2; index += 1) {
      const world = await givenSuccess();
      const { through, crashed } = crashingPorts(index, crash);
      const ledger = {
        ...world.ledger,
        get: (id: string) => through(() => world.ledger.get(id)),
        replace: (next: Awaited<ReturnType<typeof world.record>>) =>
          through(() => world.ledger.replace(next)),
      };
      await Promise.race([world.erase(ledger).catch(() => {}), crashed]);
      expect(await world.erase()).toMatchObject({ kind: 'erasing' });
      await world.dispatchFor(4 * MINUTE, MINUTE);
      expect(await world.erase()).toMatchObject({ kind: 'erased' });
    }
  });
});

it('a dispatch that copies slowly leaves no copy of a request that is erased meanwhile', async () => {
  const { promise: uploaded, resolve: upload } = Promise.withResolvers<void>();
  let isFirst = true;
  const turn = async (name?: 'copy') => {
    if (name !== 'copy' || !isFirst) return;
    isFirst = false;
    await uploaded;
  };
  const world = createWithdrawalWorld(turn, [ACCEPTED], [SUCCEEDED]);
  await world.act('enqueue');
  await world.act('dispatch');
  await world.act('a minute passes');
  const slow = world.act('dispatch');
  await eventually(() => expect(world.record()).toMatchObject({ open: 'copying' }));
  for (const action of ['dispatch', 'erase', 'dispatch'] as const) await world.act(action);
  expect(world.record()).toMatchObject({ open: 'erasing' });
  expect(world.copies()).toEqual([]);
  upload();
  await slow;
  expect(world.copies()).not.toEqual([]);
  await world.settle();
  expect(world.copies()).toEqual([]);
  expect(world.violations).toEqual([]);
});
