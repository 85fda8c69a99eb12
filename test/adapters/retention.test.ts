import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { afterPoll, isGenerating, published } from '../../lambda/domain/generation/generation-rules.ts';
import { nextState, type Outcome } from '../../lambda/domain/outcome.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import { createResolve, type Decision } from '../../lambda/domain/submission/resolve.ts';
import {
  acceptedAsClaimed,
  leaseExpired,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { FULL_AVATAR } from '../support/requests.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const AT = { now: T0, by: 'invocation' };
const DAYS = 30;

let store: Store;
let ledger: ReturnType<typeof createLedger>;
beforeAll(async () => {
  store = await startStore();
  ledger = createLedger({ client: store.client, tableName: TABLE, retentionDays: DAYS });
});
afterAll(() => store?.close());

const claimed = () =>
  acceptedAsClaimed(
    { id: timeOrderedId(T0), source: 'http', caller: 'someone', request: FULL_AVATAR },
    { ...AT, attemptId: 'attempt', leaseUntil: T0 + 34_000 },
  );
const ended = (outcome: Outcome): AvatarRecord => withOutcome(claimed(), nextState(outcome, 'sync'), AT);
const generated = (...status: [Parameters<typeof afterPoll>[1]]): AvatarRecord => {
  const record = ended({ kind: 'accepted', photoId: 'photo' });
  if (!isGenerating(record)) throw new Error('An accepted record should be generating.');
  return afterPoll(record, ...status, { generationTimeoutMs: 0 }, AT);
};

/** When DynamoDB deletes the record, in epoch seconds. */
const expiryOf = async (id: string) => (await store.items()).find((item) => item.id === id)?.expiresAt;
/** Stores the record after its end was published. */
const stored = async (record: AvatarRecord) => {
  const end = published(record, AT);
  await ledger.create(end);
  return end;
};
const EXPIRY = T0 / 1_000 + DAYS * 86_400;

describe('a record whose end was published', () => {
  it.each([
    ['rejected', () => ended({ kind: 'refused', reason: 'no_permission', code: 18025, message: '' })],
    ['succeeded', () => generated({ kind: 'succeeded', images: [] })],
  ])('expires: %s', async (status, record) => {
    const end = await stored(record());
    expect(end.status).toBe(status);
    expect(await expiryOf(end.id)).toBe(EXPIRY);
  });

  it.each([
    ['in doubt without an answer', () => ended({ kind: 'no_answer', cause: 'timeout' })],
    ['in doubt after its lease', () => leaseExpired(claimed(), AT)],
    ['failed at JoggAI', () => ended({ kind: 'failed', code: 50000, message: '' })],
    ['failed without a photo', () => generated({ kind: 'failed', message: '' })],
    ['failed by a time-out', () => generated({ kind: 'running' })],
  ])('does not expire until a person resolves it: %s', async (_, record) => {
    const { id, version } = await stored(record());
    expect(await expiryOf(id)).toBeUndefined();

    const decision: Decision = { action: 'close', version, by: 'operator', reason: 'The photo was found.' };
    const invocation = { id: 'api', deadline: T0 + 29_000 };
    await createResolve({ ledger, clock: () => T0 })(id, decision, invocation);
    expect(await expiryOf(id)).toBeUndefined();

    const closed = await ledger.get(id);
    await ledger.replace(published(closed ?? claimed(), AT));
    expect(await expiryOf(id)).toBe(EXPIRY);
  });

  it('that was resubmitted does not expire while it waits', async () => {
    const { id, version } = await stored(ended({ kind: 'no_answer', cause: 'timeout' }));
    const decision: Decision = { action: 'resubmit', version, by: 'operator', reason: 'It was not charged.' };
    await createResolve({ ledger, clock: () => T0 })(id, decision, { id: 'api', deadline: T0 + 29_000 });
    expect(await expiryOf(id)).toBeUndefined();
  });
});
