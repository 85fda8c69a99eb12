import * as fc from 'fast-check';
import type { Network } from './process.ts';
import type { Scenario } from './scenario.ts';
import type { PlannedCall } from './upstream.ts';
import { WINDOW_MS } from './world.ts';

const NETWORK: Network = { usualMs: [1, 25], slowMs: [200, 2_500], slowShare: 0.05, lossShare: 0 };
const LOSSY: Network = { ...NETWORK, lossShare: 0.02 };

/** Time in which things happen, in milliseconds. */
const SPAN_MS = 15 * WINDOW_MS;

const time = fc.integer({ min: 0, max: SPAN_MS });

const plannedCall = (...kinds: PlannedCall['kind'][]): fc.Arbitrary<PlannedCall> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    sendMs: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1_000, max: 14_000 })),
    answerMs: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 0, max: 25_000 })),
  });

const anyCall = plannedCall(
  'accepted',
  'accepted',
  'answer_lost',
  'unreachable',
  'invalid_parameters',
  'failed',
  'http_rejected',
);

const schedules = (over: { [Part in keyof Scenario]?: fc.Arbitrary<NonNullable<Scenario[Part]>> } = {}) =>
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
        againAfterMs: time,
      }),
      { minLength: 1, maxLength: 5 },
    ),
    firstCalls: fc.array(anyCall, { maxLength: 30 }),
    usualCall: plannedCall('accepted'),
    ...over,
  });

/** Processes end at any `await`. */
const lifetimes = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 })), {
  maxLength: 20,
});

const blockingCalls = fc.array(
  plannedCall('accepted', 'no_credit', 'no_credit', 'unreachable', 'answer_lost'),
  { maxLength: 20 },
);

const acts: fc.Arbitrary<NonNullable<Scenario['acts']>> = fc.array(
  fc.record({
    at: time,
    act: fc.constantFrom('resubmit', 'resubmit', 'close', 'cancel', 'cancel', 'erase', 'pause', 'resume'),
    pick: fc.double({ min: 0, max: 0.999, noNaN: true }),
    deliveries: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 16 },
);

const outages: fc.Arbitrary<NonNullable<Scenario['outages']>> = fc.array(
  fc
    .record({
      from: time,
      lengthMs: fc.integer({ min: 1_000, max: 5 * WINDOW_MS }),
      kind: fc.constantFrom('failed', 'http_rejected', 'silence', 'unreachable'),
    })
    .map(({ from, lengthMs, kind }) => ({ from, to: from + lengthMs, kind })),
  { maxLength: 2 },
);

/** So that resubmitted requests meet every kind of answer, too. */
const manyCalls = fc.array(anyCall, { minLength: 40, maxLength: 100 });

const rotations = fc.array(time, { maxLength: 3 });

/** Clocks that differ by up to half a minute each. */
const clockSkewMs = fc.constant(30_000);

/** Random schedules, by what goes wrong in them. In all of them calls and answers are delayed and lost. */
export const SCHEDULES = {
  'no process ends': schedules(),
  'processes end at any await': schedules({ lifetimes }),
  'the account is blocked repeatedly': schedules({ firstCalls: blockingCalls, lifetimes }),
  'the daily limit is reached': schedules({ dailyCallLimit: fc.integer({ min: 1, max: 12 }), lifetimes }),
  'people resubmit, close, cancel, erase and pause': schedules({ acts, lifetimes, firstCalls: manyCalls }),
  'keys are replaced': schedules({ rotations, lifetimes }),
  'JoggAI has outages': schedules({ outages, lifetimes }),
  'clocks differ by half a minute': schedules({ clockSkewMs }),
  'all of it happens': schedules({ acts, outages, rotations, lifetimes, clockSkewMs }),
} as const satisfies Record<string, fc.Arbitrary<Scenario>>;
