import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotsInUse } from '../../lambda/domain/gate/gate-rules.ts';
import type { Network } from '../../model/process.ts';
import { type Ended, runScenario, type Scenario } from '../../model/scenario.ts';
import { nameOf, type PlannedCall } from '../../model/upstream.ts';
import { WINDOW_MS } from '../../model/world.ts';

const NETWORK: Network = { usualMs: [1, 25], slowMs: [200, 2_500], slowShare: 0.05, lossShare: 0 };
const LOSSY: Network = { ...NETWORK, lossShare: 0.02 };

const plannedCall = (...kinds: PlannedCall['kind'][]): fc.Arbitrary<PlannedCall> =>
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
        source: fc.constantFrom('http' as const, 'event' as const),
        count: fc.integer({ min: 1, max: 8 }),
        deliveries: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    firstCalls: fc.array(
      plannedCall(
        'accepted',
        'accepted',
        'answer_lost',
        'unreachable',
        'invalid_parameters',
        'failed',
        'http_rejected',
      ),
      { maxLength: 30 },
    ),
    usualCall: plannedCall('accepted'),
    lifetimes: fc.constant([]),
    ...over,
  });

/** Runs random scenarios. If one fails the claim, fast-check reduces it to a smaller one. */
const expectAlways = (arbitrary: fc.Arbitrary<Scenario>, claim: (ended: Ended, scenario: Scenario) => void) =>
  fc.assert(
    fc.asyncProperty(arbitrary, async (scenario) => claim(await runScenario(scenario), scenario)),
    { numRuns: 250 },
  );

const noRateLimitExceeded = ({ world }: Ended) => expect(world.upstream.refusedForRate()).toBe(0);

const chargesOf = ({ world }: Ended, name: string) =>
  world.upstream.charges.filter((charged) => charged === name).length;

const paidAtMostOnce = (ended: Ended) => {
  const { charges } = ended.world.upstream;
  expect(charges).toHaveLength(new Set(charges).size);
  for (const record of ended.world.records()) {
    const charged = record.request ? chargesOf(ended, nameOf(record.request)) : 0;
    // What the ledger records about the charge is what JoggAI did.
    if (record.charged !== 'unknown')
      expect([record, charged]).toEqual([record, record.charged === 'yes' ? 1 : 0]);
  }
};

const ENDS = ['generating', 'failed', 'rejected', 'in_doubt'];

const noRequestLost = ({ world, accepted, isDone }: Ended) => {
  expect(isDone).toBe(true);
  const ends = new Map(
    world.records().map((record) => [record.request && nameOf(record.request), record.status]),
  );
  for (const name of accepted) expect(ENDS).toContain(ends.get(name));
};

const noSlotLost = ({ world }: Ended, { slots, dailyCallLimit }: Scenario) => {
  const settings = { slots, windowMs: WINDOW_MS, dailyCallLimit };
  expect(slotsInUse(world.gateView(), settings, world.time.clock())).toBe(0);
  expect(world.unreleasedSlots).toEqual([]);
};

const withinDailyLimit = ({ world }: Ended, { dailyCallLimit }: Scenario) => {
  const paidOn = Map.groupBy(world.upstream.charges, (name) =>
    new Date(world.admittedAt(name) ?? 0).toISOString().slice(0, 10),
  );
  for (const [day, paid] of paidOn) {
    expect(day).not.toBe('1970-01-01');
    expect(paid.length).toBeLessThanOrEqual(dailyCallLimit);
  }
};

const everyGuarantee = (ended: Ended, scenario: Scenario) => {
  noRateLimitExceeded(ended);
  paidAtMostOnce(ended);
  noRequestLost(ended);
  noSlotLost(ended, scenario);
  withinDailyLimit(ended, scenario);
};

const lifetimes = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 })), {
  maxLength: 20,
});

describe('the guarantees hold for any arrivals, with delayed and lost calls and answers', () => {
  it('if no process ends', async () => {
    await expectAlways(scenarios(), everyGuarantee);
  });

  it('if processes end at any await', async () => {
    await expectAlways(scenarios({ lifetimes }), everyGuarantee);
  });

  it('while the account is blocked repeatedly', async () => {
    const firstCalls = fc.array(
      plannedCall('accepted', 'no_credit', 'no_credit', 'unreachable', 'answer_lost'),
      {
        maxLength: 20,
      },
    );
    await expectAlways(scenarios({ firstCalls, lifetimes }), everyGuarantee);
  });

  it('while the daily limit is reached', async () => {
    await expectAlways(
      scenarios({ dailyCallLimit: fc.integer({ min: 1, max: 12 }), lifetimes }),
      everyGuarantee,
    );
  });
});
