import { describe, expect, it } from 'vitest';
import { published } from '../../lambda/domain/generation/generation-rules.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { Ledger } from '../../lambda/domain/ports.ts';
import { type AvatarRecord, isQueued } from '../../lambda/domain/record/record.ts';
import { createResolve } from '../../lambda/domain/submission/resolve.ts';
import { claimed, leaseExpired } from '../../lambda/domain/submission/submission-rules.ts';
import { createSweep } from '../../lambda/domain/submission/sweep.ts';
import { withOpenIndex } from '../../model/open-index.ts';
import { createWorld, keyedCommand, T0 } from '../support/submission-world.ts';

const SKEW_MS = 30_000;

/** A submission during whose paid call `during` runs, after a dispatch with a clock that is 30 s ahead swept the claim. */
const submitWhileSwept = async (
  outcome: Outcome,
  during: (swept: AvatarRecord, ledger: Ledger) => Promise<unknown> = async () => {},
) => {
  const world = createWorld();
  const ledger = withOpenIndex(world.ledger);
  const sweep = createSweep({
    ledger,
    clock: () => world.time.now + SKEW_MS,
    onLeaseExpired() {},
  });
  const submitter = world.process((ports) => ({
    ledger,
    paidApi: {
      expectCall() {},
      async generate(...call) {
        // The call takes long, so that the lease ends soon: for the other clock it has ended.
        world.time.now += 10_000;
        await sweep({ id: 'dispatch', deadline: world.time.now + 120_000 });
        const [swept] = world.ledger.records();
        expect(swept).toMatchObject({ status: 'in_doubt', error: { code: 'no_outcome_recorded' } });
        if (swept) await during(swept, ledger);
        await ports.paidApi.generate(...call);
        return outcome;
      },
    },
  }));
  const submission = await submitter.submit(keyedCommand('order-1'), world.invocation());
  const [record] = world.ledger.records();
  if (!record) throw new Error('There is no record.');
  return { world, submission, record };
};

const path = ({ history }: AvatarRecord) => history.map(({ status }) => status);

describe('an outcome that comes after another clock found the lease expired', () => {
  it('is recorded, and the request is no longer in doubt', async () => {
    const { record, submission } = await submitWhileSwept({ kind: 'accepted', photoId: 'photo-1' });
    expect(submission).toMatchObject({ kind: 'submitted', record: { status: 'generating' } });
    expect(record).toEqual('record' in submission && submission.record);
    expect(record).toMatchObject({
      status: 'generating',
      charged: 'yes',
      photoId: 'photo-1',
      open: 'generating',
    });
    expect(record).not.toHaveProperty('error');
    expect(path(record)).toEqual(['submitting', 'in_doubt', 'generating']);
  });

  it('makes a request that was not charged wait again', async () => {
    const { record } = await submitWhileSwept({ kind: 'not_sent', cause: 'ECONNREFUSED' });
    expect(record).toMatchObject({ status: 'queued', charged: 'no', open: 'queued' });
  });

  it('is recorded after the doubt was published', async () => {
    const { record } = await submitWhileSwept(
      { kind: 'accepted', photoId: 'photo-1' },
      async (swept, ledger) => {
        const next = published(swept, { now: T0, by: 'dispatch' });
        expect(await ledger.replace(next)).toEqual({ kind: 'stored' });
      },
    );
    expect(record).toMatchObject({ status: 'generating', charged: 'yes' });
  });

  it('does not replace the decision of a person', async () => {
    const { world, record, submission } = await submitWhileSwept(
      { kind: 'accepted', photoId: 'photo-1' },
      async ({ id, version }, ledger) => {
        const decision = { action: 'close', version, by: 'operator', reason: 'found' } as const;
        const resolve = createResolve({ ledger, clock: () => T0 });
        expect(await resolve(id, decision, { id: 'api', deadline: 0 })).toMatchObject({ kind: 'resolved' });
      },
    );
    expect(submission).toMatchObject({ kind: 'unrecorded' });
    expect(record).toMatchObject({ status: 'failed', resolution: { action: 'close' } });
    expect(world.reported).toContain('not recorded the claim was ended by another process');
  });

  it('does not replace the doubt about a later attempt', async () => {
    const { record, submission } = await submitWhileSwept(
      { kind: 'not_sent', cause: 'ECONNREFUSED' },
      async ({ id, version }, ledger) => {
        const at = { now: T0, by: 'another process' };
        const decision = { action: 'resubmit', version, by: 'operator', reason: 'not found' } as const;
        const resolution = await createResolve({ ledger, clock: () => T0 })(id, decision, {
          id: 'api',
          deadline: 0,
        });
        if (!('record' in resolution) || !isQueued(resolution.record)) throw new Error('not resubmitted');
        const again = claimed(resolution.record, { ...at, attemptId: 'attempt-2', leaseUntil: T0 });
        await ledger.replace(again);
        await ledger.replace(leaseExpired(again, at));
      },
    );
    expect(submission).toMatchObject({ kind: 'unrecorded' });
    expect(record).toMatchObject({ status: 'in_doubt', charged: 'unknown', attempts: 2 });
  });
});
