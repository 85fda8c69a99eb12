import { describe, expect, it } from 'vitest';
import { type AvatarRecord, instantOf } from '../../lambda/domain/record.ts';
import { acceptedAsClaimed, settled } from '../../lambda/domain/submitting.ts';
import { createSweep } from '../../lambda/domain/sweep.ts';
import { createInMemoryLedger } from '../support/in-memory-ledger.ts';
import { withOpenIndex } from '../support/open-index.ts';
import { AVATAR } from '../support/requests.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const LEASE_MS = 34_000;

/** Claims on which nobody has recorded an outcome, and an index that shows what it is given. */
const givenClaims = async (...ids: readonly string[]) => {
  const records = createInMemoryLedger();
  const held: (() => void)[] = [];
  let isBehind = false;
  const ledger = withOpenIndex(records, (apply) => (isBehind ? held.push(apply) : apply()));
  const claims = ids.map((id) =>
    acceptedAsClaimed(
      { id, source: 'http', caller: 'someone', request: AVATAR },
      { attemptId: `attempt of ${id}`, now: T0, by: 'api', leaseUntil: T0 + LEASE_MS },
    ),
  );
  for (const claim of claims) await ledger.create(claim);
  const lost: AvatarRecord[] = [];
  const sweepAt = (now: number) =>
    createSweep({ ledger, clock: () => now, onLost: (record) => lost.push(record) })({
      id: 'dispatch',
      deadline: now + 120_000,
    });
  return {
    ledger,
    claims,
    lost,
    sweepAt,
    freezeIndex: () => {
      isBehind = true;
    },
  };
};

describe('a sweep', () => {
  it('leaves a claim to its holder until the last moment of its lease', async () => {
    const { sweepAt, ledger, lost } = await givenClaims('one');
    await sweepAt(T0 + LEASE_MS - 1);
    expect(await ledger.get('one')).toMatchObject({ status: 'submitting' });
    expect(lost).toEqual([]);
  });

  it('puts each claim in doubt whose lease is over, and tells of each', async () => {
    const { sweepAt, ledger, lost } = await givenClaims('one', 'other');
    await sweepAt(T0 + LEASE_MS);
    expect(lost.map(({ id }) => id)).toEqual(['one', 'other']);
    const record = await ledger.get('one');
    expect(record).toMatchObject({
      status: 'in_doubt',
      charged: 'unknown',
      error: { code: 'no_outcome_recorded' },
      history: [
        { status: 'submitting' },
        { status: 'in_doubt', by: 'dispatch', at: instantOf(T0 + LEASE_MS) },
      ],
    });
    expect(record?.attempt).toBeUndefined();
    // All that is left is to tell of it.
    expect(record?.open).toBe('announcing');
  });

  it('changes nothing the second time', async () => {
    const { sweepAt, ledger, lost } = await givenClaims('one');
    await sweepAt(T0 + LEASE_MS);
    const after = await ledger.get('one');
    await sweepAt(T0 + 2 * LEASE_MS);
    expect(await ledger.get('one')).toEqual(after);
    expect(lost).toHaveLength(1);
  });

  it('does not touch an outcome that the index does not show yet', async () => {
    const { sweepAt, ledger, claims, lost, freezeIndex } = await givenClaims('one');
    freezeIndex();
    const verdict = { status: 'generating', charged: 'yes', photoId: 'photo' } as const;
    for (const claim of claims) await ledger.replace(settled(claim, verdict, { now: T0 + 1, by: 'api' }));
    await sweepAt(T0 + LEASE_MS);
    expect(await ledger.get('one')).toMatchObject({ status: 'generating', photoId: 'photo' });
    expect(lost).toEqual([]);
  });

  it('makes way for one sweep only, where two find the same claim', async () => {
    const { sweepAt, lost } = await givenClaims('one');
    await Promise.all([sweepAt(T0 + LEASE_MS), sweepAt(T0 + LEASE_MS)]);
    expect(lost).toHaveLength(1);
  });

  it('keeps a late outcome of the one who held the claim out of the ledger', async () => {
    const { sweepAt, ledger, claims } = await givenClaims('one');
    await sweepAt(T0 + LEASE_MS);
    const verdict = { status: 'generating', charged: 'yes', photoId: 'photo' } as const;
    for (const claim of claims) {
      const late = settled(claim, verdict, { now: T0 + LEASE_MS + 1, by: 'api' });
      expect(await ledger.replace(late)).toMatchObject({ kind: 'conflict', record: { status: 'in_doubt' } });
    }
  });
});
