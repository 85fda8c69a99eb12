import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotsInUse } from '../../lambda/domain/gate.ts';
import type { Network } from './process.ts';
import { type Ended, play, type Scenario } from './scenario.ts';
import { type Fate, nameOf } from './upstream.ts';
import { WINDOW_MS } from './world.ts';

const NETWORK: Network = { usualMs: [1, 25], slowMs: [200, 2_500], slowShare: 0.05, lossShare: 0 };
const LOSSY: Network = { ...NETWORK, lossShare: 0.02 };

const fate = (...kinds: Fate['kind'][]): fc.Arbitrary<Fate> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    sendMs: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1_000, max: 14_000 })),
    answerMs: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 0, max: 25_000 })),
  });

const scenarios = (over: { [Part in keyof Scenario]?: fc.Arbitrary<Scenario[Part]> } = {}) =>
  fc.record({
    seed: fc.integer(),
    slots: fc.integer({ min: 1, max: 5 }),
    dailyCallLimit: fc.constant(100_000),
    window: fc.oneof(
      fc.constant({ type: 'sliding' } as const),
      fc.record({
        type: fc.constant('fixed' as const),
        offsetMs: fc.integer({ min: 0, max: WINDOW_MS - 1 }),
      }),
    ),
    network: fc.constantFrom(NETWORK, LOSSY),
    indexLagMs: fc.constantFrom(0, 50, 3_000),
    arrivals: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 4 * WINDOW_MS }),
        way: fc.constantFrom('http' as const, 'event' as const),
        count: fc.integer({ min: 1, max: 8 }),
        deliveries: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    fates: fc.array(
      fate('accepted', 'accepted', 'answer_lost', 'unreachable', 'wrong_parameters', 'failed', 'turned_away'),
      { maxLength: 30 },
    ),
    usualFate: fate('accepted'),
    lives: fc.constant([]),
    ...over,
  });

/** Plays scenarios until one breaks what is claimed of all of them, and then the smallest one that does. */
const always = (arbitrary: fc.Arbitrary<Scenario>, claim: (ended: Ended, scenario: Scenario) => void) =>
  fc.assert(
    fc.asyncProperty(arbitrary, async (scenario) => claim(await play(scenario), scenario)),
    { numRuns: 250 },
  );

const neverTooFast = ({ world }: Ended) => expect(world.upstream.refusedForRate()).toBe(0);

const chargesOf = ({ world }: Ended, name: string) =>
  world.upstream.charges.filter((charged) => charged === name).length;

const paidAtMostOnce = (ended: Ended) => {
  const { charges } = ended.world.upstream;
  expect(charges).toHaveLength(new Set(charges).size);
  for (const record of ended.world.records()) {
    const charged = record.request ? chargesOf(ended, nameOf(record.request)) : 0;
    // What the ledger says about money is what JoggAI did.
    if (record.charged !== 'unknown')
      expect([record, charged]).toEqual([record, record.charged === 'yes' ? 1 : 0]);
  }
};

const ENDS = ['generating', 'failed', 'rejected', 'in_doubt'];

const nothingLost = ({ world, accepted, isDone }: Ended) => {
  expect(isDone).toBe(true);
  const ends = new Map(
    world.records().map((record) => [record.request && nameOf(record.request), record.status]),
  );
  for (const name of accepted) expect(ENDS).toContain(ends.get(name));
};

const noSlotLost = ({ world }: Ended, { slots, dailyCallLimit }: Scenario) => {
  const settings = { slots, windowMs: WINDOW_MS, dailyCallLimit };
  expect(slotsInUse(world.gateView(), settings, world.time.clock())).toBe(0);
  expect(world.keptSlots).toEqual([]);
};

const withinDailyLimit = ({ world }: Ended, { dailyCallLimit }: Scenario) => {
  const paidOn = Map.groupBy(world.upstream.charges, (name) =>
    new Date(world.letInAt(name) ?? 0).toISOString().slice(0, 10),
  );
  for (const [day, paid] of paidOn) {
    expect(day).not.toBe('1970-01-01');
    expect(paid.length).toBeLessThanOrEqual(dailyCallLimit);
  }
};

const everyPromise = (ended: Ended, scenario: Scenario) => {
  neverTooFast(ended);
  paidAtMostOnce(ended);
  nothingLost(ended);
  noSlotLost(ended, scenario);
  withinDailyLimit(ended, scenario);
};

const lives = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 })), {
  maxLength: 20,
});

describe('whatever arrives, however late or lost calls and answers are, every promise is kept', () => {
  it('by processes that live', async () => {
    await always(scenarios(), everyPromise);
  });

  it('by processes that end at any await', async () => {
    await always(scenarios({ lives }), everyPromise);
  });

  it('while the account is blocked again and again', async () => {
    const fates = fc.array(fate('accepted', 'no_credit', 'no_credit', 'unreachable', 'answer_lost'), {
      maxLength: 20,
    });
    await always(scenarios({ fates, lives }), everyPromise);
  });

  it("while the day's calls run out", async () => {
    await always(scenarios({ dailyCallLimit: fc.integer({ min: 1, max: 12 }), lives }), everyPromise);
  });
});
