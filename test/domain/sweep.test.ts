import { describe, expect, it } from 'vitest';
import { type AvatarRecord, instantOf } from '../../lambda/domain/record/record.ts';
import { acceptedAsClaimed, withOutcome } from '../../lambda/domain/submission/submission-rules.ts';
import { createSweep } from '../../lambda/domain/submission/sweep.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { withOpenIndex } from '../../model/open-index.ts';
import { AVATAR } from '../support/requests.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const LEASE_MS = 34_000;

/** Claims without a recorded outcome, and an index that can lag behind. */
const givenClaims = async (...ids: readonly string[]) => {
  const records = createInMemoryLedger();
  const held: (() => void)[] = [];
  let isLagging = false;
  const ledger = withOpenIndex(records, (apply) => (isLagging ? held.push(apply) : apply()));
  const claims = ids.map((id) =>
    acceptedAsClaimed(
      { id, source: 'http', caller: 'someone', request: AVATAR },
      { attemptId: `attempt of ${id}`, now: T0, by: 'api', leaseUntil: T0 + LEASE_MS },
    ),
  );
  for (const claim of claims) await ledger.create(claim);
  const expired: AvatarRecord[] = [];
  const sweepAt = (now: number) =>
    createSweep({ ledger, clock: () => now, onLeaseExpired: (record) => expired.push(record) })({
      id: 'dispatch',
      deadline: now + 120_000,
    });
  return {
    ledger,
    claims,
    expired,
    sweepAt,
    freezeIndex: () => {
      isLagging = true;
    },
  };
};

describe('a sweep', () => {
  it('does not change a claim before its lease expires', async () => {
    const { sweepAt, ledger, expired } = await givenClaims('one');
    await sweepAt(T0 + LEASE_MS - 1);
    expect(await ledger.get('one')).toMatchObject({ status: 'submitting' });
    expect(expired).toEqual([]);
  });

  it('puts each claim with an expired lease in doubt, and reports it', async () => {
    const { sweepAt, ledger, expired } = await givenClaims('one', 'other');
    await sweepAt(T0 + LEASE_MS);
    expect(expired.map(({ id }) => id)).toEqual(['one', 'other']);
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
    // The only work left is to publish its end.
    expect(record?.open).toBe('announcing');
  });

  it('has no effect when repeated', async () => {
    const { sweepAt, ledger, expired } = await givenClaims('one');
    await sweepAt(T0 + LEASE_MS);
    const after = await ledger.get('one');
    await sweepAt(T0 + 2 * LEASE_MS);
    expect(await ledger.get('one')).toEqual(after);
    expect(expired).toHaveLength(1);
  });

  it('does not overwrite an outcome that the index does not show yet', async () => {
    const { sweepAt, ledger, claims, expired, freezeIndex } = await givenClaims('one');
    freezeIndex();
    const transition = { status: 'generating', charged: 'yes', photoId: 'photo' } as const;
    for (const claim of claims)
      await ledger.replace(withOutcome(claim, transition, { now: T0 + 1, by: 'api' }));
    await sweepAt(T0 + LEASE_MS);
    expect(await ledger.get('one')).toMatchObject({ status: 'generating', photoId: 'photo' });
    expect(expired).toEqual([]);
  });

  it('reports a claim once if two sweeps find it concurrently', async () => {
    const { sweepAt, expired } = await givenClaims('one');
    await Promise.all([sweepAt(T0 + LEASE_MS), sweepAt(T0 + LEASE_MS)]);
    expect(expired).toHaveLength(1);
  });

  it('prevents the holder from recording a late outcome', async () => {
    const { sweepAt, ledger, claims } = await givenClaims('one');
    await sweepAt(T0 + LEASE_MS);
    const transition = { status: 'generating', charged: 'yes', photoId: 'photo' } as const;
    for (const claim of claims) {
      const late = withOutcome(claim, transition, { now: T0 + LEASE_MS + 1, by: 'api' });
      expect(await ledger.replace(late)).toMatchObject({ kind: 'conflict', record: { status: 'in_doubt' } });
    }
  });
});
