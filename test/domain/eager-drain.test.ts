import { expect, it } from 'vitest';
import type { DrainEnd } from '../../lambda/domain/submission/drain.ts';
import { createEagerDrain } from '../../lambda/domain/submission/eager-drain.ts';

const RATE_LIMITED = { kind: 'rate_limited', until: 60_000 } as const;

/** Drains that end so, and the times at which they were made. */
const givenDrain = (end: DrainEnd) => {
  const time = { now: 0 };
  const made: number[] = [];
  const eagerDrain = createEagerDrain(
    async () => {
      made.push(time.now);
      return { calls: 0, end };
    },
    () => time.now,
  );
  const drainAt = async (now: number): Promise<void> => {
    time.now = now;
    await eagerDrain({ id: 'intake', deadline: now + 60_000 });
  };
  return { made, drainAt };
};

it.each<[string, DrainEnd]>([
  ['every slot is held', { kind: 'rejected_by_gate', rejection: RATE_LIMITED }],
  ['the account is paused', { kind: 'rejected_by_gate', rejection: { kind: 'paused', since: 0, by: 'me' } }],
  ['there is no key', { kind: 'no_api_key', state: { kind: 'unset' } }],
])(
  'a batch within a second after a drain that ended because %s is not drained, later ones are',
  async (_, end) => {
    const { made, drainAt } = givenDrain(end);
    for (const now of [0, 10, 999, 1_000, 1_500, 2_000]) await drainAt(now);
    expect(made).toEqual([0, 1_000, 2_000]);
  },
);

it('a batch is drained as soon as the gate admits calls again', async () => {
  const { made, drainAt } = givenDrain({
    kind: 'rejected_by_gate',
    rejection: { ...RATE_LIMITED, until: 300 },
  });
  for (const now of [0, 299, 300]) await drainAt(now);
  expect(made).toEqual([0, 300]);
});

it.each(['empty', 'out_of_time'] as const)(
  'every batch is drained after a drain that ended as %s',
  async (kind) => {
    const { made, drainAt } = givenDrain({ kind });
    for (const now of [0, 1, 2]) await drainAt(now);
    expect(made).toEqual([0, 1, 2]);
  },
);
