import { describe, expect, it } from 'vitest';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import { nextState, type Outcome } from '../../lambda/domain/outcome.ts';
import type { Ledger } from '../../lambda/domain/ports.ts';
import { type AvatarRecord, instantOf, mayBeSubmittedAgain } from '../../lambda/domain/record/record.ts';
import { createDrain } from '../../lambda/domain/submission/drain.ts';
import { createResolve, type Decision } from '../../lambda/domain/submission/resolve.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';
import { createCompletionWorld, generating, MINUTE, T0 } from '../support/completion-world.ts';
import { FULL_AVATAR } from '../support/requests.ts';

const ID = 'avatar-1';
const RESUBMIT = { action: 'resubmit', by: 'arn:ann', reason: 'not in the dashboard' } as const;
const CLOSE = { action: 'close', by: 'arn:bob', reason: 'no longer needed' } as const;

const NO_ANSWER: Outcome = { kind: 'no_answer', cause: 'ECONNRESET' };
const SYSTEM_ERROR: Outcome = { kind: 'failed', code: 50_000, message: 'system error' };
const ACCEPTED: Outcome = { kind: 'accepted', photoId: 'photo of another attempt' };

const fresh = { id: ID, source: 'http', caller: 'someone', request: FULL_AVATAR } as const;
const at = { now: T0, by: 'api' };

/** A request whose paid call had this outcome. */
const ended = (outcome: Outcome): AvatarRecord =>
  withOutcome(
    acceptedAsClaimed(fresh, { ...at, attemptId: 'attempt', leaseUntil: T0 + 34_000 }),
    nextState(outcome, 'sync'),
    at,
  );

/** A ledger with this record, resolutions by a person, and a dispatch that submits and completes. */
const givenRecord = async (record: AvatarRecord) => {
  const world = createCompletionWorld();
  await world.ledger.create(record);
  world.time.now = T0 + MINUTE;
  const clock = () => world.time.now;
  const invocation = () => ({ id: 'invocation', deadline: world.time.now + 2 * MINUTE });
  const paid: { calls: number; answer: Outcome } = { calls: 0, answer: ACCEPTED };
  const submitQueued = createDrain({
    ledger: world.ledger,
    gate: createGate({
      store: createInMemoryGateStore(),
      settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 100 },
      clock,
    }),
    paidApi: {
      expectCall() {},
      async generate() {
        paid.calls += 1;
        return paid.answer;
      },
    },
    apiKeys: { current: world.ports.apiKeys.current, refreshed: world.ports.apiKeys.current },
    clock,
    events: { outcomeRecorded() {}, outcomeNotRecorded() {}, slotNotReleased() {} },
    wait: async () => {},
  });
  return {
    ...world,
    paid,
    submitQueued: () => submitQueued(invocation(), { concurrency: 1, waitForSlots: false }),
    /** A decision about the record as it is now, or about another version of it. */
    async resolve(
      decision: Omit<Decision, 'version'>,
      { ledger = world.ledger, version }: { ledger?: Pick<Ledger, 'get' | 'replace'>; version?: number } = {},
    ) {
      const seen = version ?? (await world.record()).version;
      return createResolve({ ledger, clock })(ID, { ...decision, version: seen }, invocation());
    },
  };
};

describe.each([
  ['in doubt', NO_ANSWER],
  ['failed', SYSTEM_ERROR],
])('a request that is %s', (_, outcome) => {
  it('is submitted once more by dispatch after a resubmit, and may be charged again', async () => {
    const world = await givenRecord(ended(outcome));
    const resolution = await world.resolve(RESUBMIT);
    expect(resolution).toMatchObject({ kind: 'resolved', record: { status: 'queued', attempts: 1 } });
    expect(world.paid.calls).toBe(0);
    for (let dispatches = 0; dispatches < 3; dispatches += 1) await world.submitQueued();
    expect(world.paid.calls).toBe(1);
    expect(await world.record()).toMatchObject({
      status: 'generating',
      charged: 'yes',
      photoId: 'photo of another attempt',
      attempts: 2,
    });
  });

  it('records in its history who resubmitted it, when and why, and the earlier charge', async () => {
    const world = await givenRecord(ended(outcome));
    await world.resolve(RESUBMIT);
    expect((await world.record()).history.at(-1)).toEqual({
      status: 'queued',
      at: instantOf(T0 + MINUTE),
      by: 'invocation',
      version: 3,
      note: 'resubmit by arn:ann: not in the dashboard (charged before: unknown)',
    });
  });

  it('ends as failed after a close, with who, when and why, and with its error', async () => {
    const before = ended(outcome);
    const world = await givenRecord(before);
    await world.resolve(CLOSE);
    const record = await world.record();
    expect(record).toMatchObject({
      status: 'failed',
      charged: 'unknown',
      error: before.error,
      resolution: { ...CLOSE, at: instantOf(T0 + MINUTE) },
    });
    expect(record.history.at(-1)?.note).toBe('close by arn:bob: no longer needed');
  });

  it('is published as a new version after a close, and is never submitted', async () => {
    const world = await givenRecord(ended(outcome));
    await world.dispatch();
    await world.resolve(CLOSE);
    await world.dispatch();
    await world.submitQueued();
    const [before, after] = world.bus.published;
    expect(world.bus.published).toHaveLength(2);
    expect(after).toMatchObject({ id: ID, status: 'failed' });
    expect(after?.version).toBeGreaterThan(before?.version ?? Number.POSITIVE_INFINITY);
    expect(world.paid.calls).toBe(0);
    expect(await world.record()).not.toHaveProperty('open');
  });

  it('is resolved by one of several concurrent decisions; the others get not_resolvable', async () => {
    for (const other of [RESUBMIT, CLOSE]) {
      const world = await givenRecord(ended(outcome));
      const kinds = await Promise.all([world.resolve(RESUBMIT), world.resolve(other), world.resolve(CLOSE)]);
      expect(kinds.map(({ kind }) => kind).toSorted()).toEqual([
        'not_resolvable',
        'not_resolvable',
        'resolved',
      ]);
      await world.submitQueued();
      expect(world.paid.calls).toBeLessThanOrEqual(1);
    }
  });

  it('is resolved even while dispatch records that its end was published', async () => {
    const world = await givenRecord(ended(outcome));
    const { get, replace } = world.ledger;
    const busy = {
      replace,
      async get(id: string) {
        const record = await get(id);
        await world.dispatch();
        return record;
      },
    };
    expect(await world.resolve(CLOSE, { ledger: busy })).toMatchObject({ kind: 'resolved' });
  });

  it('is not resolved by a decision about an earlier attempt', async () => {
    const world = await givenRecord(ended(outcome));
    world.paid.answer = outcome;
    const { get, replace } = world.ledger;
    const slow = {
      replace,
      async get(id: string) {
        const record = await get(id);
        await world.resolve(RESUBMIT);
        await world.submitQueued();
        return record;
      },
    };
    const { version } = await world.record();
    const inBetween = { ledger: slow, version };
    expect(await world.resolve(RESUBMIT, inBetween)).toMatchObject({
      kind: 'outdated',
      record: { attempts: 2 },
    });
    await world.submitQueued();
    expect(world.paid.calls).toBe(1);
  });

  it('is resubmitted once by a decision that is sent again, even after another attempt of that kind', async () => {
    const world = await givenRecord(ended(outcome));
    world.paid.answer = outcome;
    const { version } = await world.record();
    expect(await world.resolve(RESUBMIT, { version })).toMatchObject({ kind: 'resolved' });
    expect(await world.resolve(RESUBMIT, { version })).toMatchObject({ kind: 'not_resolvable' });
    await world.submitQueued();
    expect(await world.resolve(RESUBMIT, { version })).toMatchObject({ kind: 'outdated' });
    await world.submitQueued();
    expect(world.paid.calls).toBe(1);
  });

  it('is resolved by a decision about the version that its event named', async () => {
    const world = await givenRecord(ended(outcome));
    await world.dispatch();
    const version = world.bus.published[0]?.version;
    expect(version).toBeLessThan((await world.record()).version);
    expect(await world.resolve(CLOSE, version === undefined ? {} : { version })).toMatchObject({
      kind: 'resolved',
    });
  });

  it('stays possibly charged when its resubmission is refused, and is not sent again under its key', async () => {
    const world = await givenRecord(ended(outcome));
    world.paid.answer = { kind: 'refused', reason: 'invalid_parameters', code: 40_000, message: '' };
    await world.resolve(RESUBMIT);
    await world.submitQueued();
    const record = await world.record();
    expect(record).toMatchObject({ status: 'rejected', charged: 'unknown' });
    expect(record.error?.message).toContain('An earlier attempt may have been charged');
    expect(mayBeSubmittedAgain(record)).toBe(false);
    expect(await world.resolve(CLOSE)).toMatchObject({ kind: 'resolved' });
  });

  it('is at the end of the line after a resubmit, also when JoggAI is rate limited', async () => {
    const world = await givenRecord(ended(outcome));
    world.paid.answer = { kind: 'rate_limited', retryAfterSeconds: 1 };
    await world.resolve(RESUBMIT);
    await world.submitQueued();
    expect(await world.record()).toMatchObject({ open: 'queued', dueAt: instantOf(T0 + MINUTE) });
  });

  it('may be resolved again after another failed attempt', async () => {
    const world = await givenRecord(ended(outcome));
    world.paid.answer = SYSTEM_ERROR;
    await world.resolve(RESUBMIT);
    await world.submitQueued();
    expect(await world.record()).toMatchObject({ status: 'failed' });
    expect(await world.resolve(CLOSE)).toMatchObject({ kind: 'resolved' });
    expect(await world.resolve(CLOSE)).toMatchObject({ kind: 'not_resolvable' });
  });
});

it('the photo of an earlier attempt stays in the history of a request that is resubmitted', async () => {
  const world = await givenRecord(generating());
  world.joggai.answer = () => ({ kind: 'failed', message: '' });
  await world.dispatch();
  await world.resolve(RESUBMIT);
  const record = await world.record();
  expect(record.photoId).toBeUndefined();
  expect(record.history.at(-1)?.note).toContain('(charged before: yes, photo photo of avatar-1)');
});

describe('not resolvable is', () => {
  it('a request that does not exist', async () => {
    const world = createCompletionWorld();
    const resolve = createResolve({ ledger: world.ledger, clock: () => T0 });
    expect(await resolve('no-such-id', { ...CLOSE, version: 1 }, { id: 'x', deadline: T0 })).toEqual({
      kind: 'not_found',
    });
  });

  const invalid = acceptedAsInvalid({ ...fresh, body: '{}', errors: [] }, at);
  it.each([
    ['is generating', ended(ACCEPTED)],
    [
      'was certainly not charged',
      ended({ kind: 'refused', reason: 'invalid_parameters', code: 40_000, message: '' }),
    ],
    ['is queued', ended({ kind: 'not_sent', cause: 'ECONNREFUSED' })],
    ['was an invalid event', invalid],
  ])('a request that %s', async (_, record) => {
    const world = await givenRecord(record);
    for (const decision of [RESUBMIT, CLOSE]) {
      expect(await world.resolve(decision)).toEqual({ kind: 'not_resolvable', record });
    }
    expect(await world.record()).toEqual(record);
  });
});
