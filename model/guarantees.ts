import { slotsInUse } from '../lambda/domain/gate/gate-rules.ts';
import type { AvatarRecord } from '../lambda/domain/record/record.ts';
import type { Ended, Scenario } from './scenario.ts';
import { WINDOW_MS } from './world.ts';

/** What a scenario violated, a sentence each. */
type Guarantee = (ended: Ended, scenario: Scenario) => readonly string[];

const unless = (holds: boolean, violation: string): string[] => (holds ? [] : [violation]);

/** In the model a request has its name as its key, which outlives an erasure. */
const recordName = ({ idempotencyKey }: AvatarRecord): string => idempotencyKey ?? '';

/** Each decision to send a request again accepts the risk of one more charge, however often it is sent. */
const paidAtMostOnce: Guarantee = ({ world, resubmitted }) => {
  const charges = Map.groupBy(world.upstream.charges, (name) => name);
  return world.records().flatMap((record) => {
    const name = recordName(record);
    const charged = charges.get(name)?.length ?? 0;
    const decisions = resubmitted.filter((each) => each === name).length;
    return [
      ...unless(charged <= 1 + decisions, `"${name}" was paid for ${charged} times`),
      // What the ledger records about the charge is what JoggAI did.
      ...unless(
        record.charged === 'unknown' || (record.charged === 'yes') === charged > 0,
        `"${name}" is recorded as charged: ${record.charged}, and was paid for ${charged} times`,
      ),
    ];
  });
};

const ENDS: readonly string[] = ['generating', 'failed', 'rejected', 'in_doubt', 'cancelled'];

const noRequestLost: Guarantee = ({ world, accepted, isDone }) => {
  const ends = new Map(world.records().map((record) => [recordName(record), record.status]));
  return [
    ...unless(isDone, 'requests still wait at the end'),
    ...accepted.flatMap((name) =>
      unless(ENDS.includes(ends.get(name) ?? ''), `"${name}" was accepted, and is ${ends.get(name)}`),
    ),
  ];
};

const erasedForGood: Guarantee = ({ world }) =>
  world
    .records()
    .filter(({ erasure, request }) => erasure && request)
    .map((record) => `"${recordName(record)}" was erased, and has its request again`);

const noRateLimitExceeded: Guarantee = ({ world }) =>
  unless(
    world.upstream.refusedForRate() === 0,
    `JoggAI answered 429 ${world.upstream.refusedForRate()} times`,
  );

const noSlotLost: Guarantee = ({ world }, { slots, dailyCallLimit }) => {
  const settings = { slots, windowMs: WINDOW_MS, dailyCallLimit };
  const inUse = slotsInUse(world.gateView(), settings, world.time.clock());
  return [
    ...unless(inUse === 0, `${inUse} slots are held at the end`),
    ...unless(world.unreleasedSlots.length === 0, `${world.unreleasedSlots.length} slots were not released`),
  ];
};

const withinDailyLimit: Guarantee = ({ world }, { dailyCallLimit }) =>
  [
    ...Map.groupBy(world.upstream.charges, (name) =>
      new Date(world.admittedAt(name) ?? 0).toISOString().slice(0, 10),
    ),
  ].flatMap(([day, paid]) => [
    ...unless(day !== '1970-01-01', `${paid} were paid for, and the gate admitted none of them`),
    ...unless(paid.length <= dailyCallLimit, `${paid.length} calls were made on ${day}`),
  ]);

/** If no process ends and the store answers. */
const everyOutcomeRecorded: Guarantee = ({ world }) =>
  world.unrecorded.map((problem) => `an outcome was not recorded: ${problem}`);

/** Money and records, whatever happens. */
const always = [paidAtMostOnce, noRequestLost, erasedForGood];

/** As long as all clocks agree. */
const withTrueClocks = [noRateLimitExceeded, noSlotLost, withinDailyLimit];

/** What a scenario violated of the guarantees that hold in it. */
export const violationsOf: Guarantee = (ended, scenario) => {
  const { clockSkewMs = 0, lifetimes = [], network, acts = [] } = scenario;
  const isUndisturbed = lifetimes.length === 0 && network.lossShare === 0;
  const guarantees = [
    ...always,
    // The latest attempt of a resubmitted request may be of another day than its charge.
    ...(clockSkewMs === 0
      ? withTrueClocks.filter((each) => each !== withinDailyLimit || acts.length === 0)
      : []),
    ...(isUndisturbed ? [everyOutcomeRecorded] : []),
  ];
  return guarantees.flatMap((guarantee) => guarantee(ended, scenario));
};
