import { describe, expect, it } from 'vitest';
import { createRefresh } from '../../lambda/domain/generation/refresh.ts';
import { nextState, type Outcome } from '../../lambda/domain/outcome.ts';
import type { Ledger } from '../../lambda/domain/ports.ts';
import { createErase } from '../../lambda/domain/record/erase.ts';
import { type AvatarRecord, instantOf, mayBeSubmittedAgain } from '../../lambda/domain/record/record.ts';
import { createResolve } from '../../lambda/domain/submission/resolve.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { createSubmitter } from '../../lambda/domain/submission/submit.ts';
import {
  createCompletionWorld,
  generating,
  IMAGES,
  MINUTE,
  SECOND,
  T0,
} from '../support/completion-world.ts';
import { FULL_AVATAR } from '../support/requests.ts';
import { createWorld, keyedCommand } from '../support/submission-world.ts';

const ID = 'avatar-1';
const at = { now: T0, by: 'api' };
const fresh = { id: ID, source: 'http', caller: 'someone', owner: 'someone', request: FULL_AVATAR } as const;
const NO_ANSWER: Outcome = { kind: 'no_answer', cause: 'ECONNRESET' };
const REFUSED: Outcome = {
  kind: 'refused',
  reason: 'invalid_parameters',
  code: 40_000,
  message: `cannot use ${FULL_AVATAR.appearance}`,
};

/** A request whose paid call had this outcome. */
const ended = (outcome: Outcome): AvatarRecord =>
  withOutcome(
    acceptedAsClaimed(fresh, { ...at, attemptId: 'attempt', leaseUntil: T0 + 34 * SECOND }),
    nextState(outcome, 'sync'),
    at,
  );

/** All that a person said or showed, or that repeats it. */
const WORDS = [
  FULL_AVATAR.background,
  FULL_AVATAR.appearance,
  FULL_AVATAR.image_url,
  ...IMAGES.flatMap(({ url, key }) => [url, key]),
].map(String);

/** A ledger with this record, whose end is published, and its erasure. */
const givenEnded = async (record: AvatarRecord) => {
  const world = createCompletionWorld();
  await world.ledger.create(record);
  world.time.now = T0 + MINUTE;
  await world.dispatch();
  const clock = () => world.time.now;
  const invocation = () => ({ id: 'invocation', deadline: clock() + 29 * SECOND });
  return {
    ...world,
    erase: (from: Pick<Ledger, 'get' | 'replace'> = world.ledger) =>
      createErase({ ledger: from, clock })(ID, 'arn:ann', invocation()),
    resolve: async (action: 'resubmit' | 'close') =>
      createResolve({ ledger: world.ledger, clock })(
        ID,
        { action, by: 'arn:bob', reason: 'settled', version: (await world.record()).version },
        invocation(),
      ),
    refresh: () =>
      createRefresh({ ...world.ports, pollGeneration: async (polled) => polled })(ID, invocation()),
    text: async () => JSON.stringify(await world.record()),
  };
};

const ENDED: Record<string, () => AvatarRecord> = {
  succeeded: generating,
  'in doubt': () => ended(NO_ANSWER),
  rejected: () => ended(REFUSED),
  failed: () => ended({ kind: 'failed', code: 50_000, message: `no ${FULL_AVATAR.appearance}` }),
};

describe.each(Object.entries(ENDED))('a request that is %s', (_, record) => {
  it('loses its words, its links and its copies, and keeps what it cost', async () => {
    const world = await givenEnded(record());
    const before = await world.record();
    expect(await world.erase()).toMatchObject({ kind: 'erasing', record: { open: 'erasing' } });
    for (const word of WORDS) expect(await world.text()).not.toContain(word);
    await world.dispatchFor(4 * MINUTE, MINUTE);
    const after = await world.record();
    for (const word of WORDS) expect(JSON.stringify(after)).not.toContain(word);
    expect(after).toMatchObject({
      erasure: { by: 'arn:ann', at: instantOf(T0 + MINUTE) },
      erasedAt: expect.stringMatching(/^2026/),
    });
    for (const gone of ['request', 'images', 'invalid', 'open', 'dueAt'])
      expect(after).not.toHaveProperty(gone);
    const { id, status, charged, photoId, requestHash, caller, owner, attempts, history } = before;
    expect(after).toMatchObject({ id, status, charged, requestHash, caller, attempts, history });
    expect([after.photoId, after.owner]).toEqual([photoId, owner]);
    expect(after.error?.code).toBe(before.error?.code);
    expect(world.imageStore.kept()).toEqual([]);
  });

  it('is answered with erasing while its copies are deleted, and with erased from then on', async () => {
    const world = await givenEnded(record());
    await world.erase();
    const erasing = await world.record();
    expect(await world.erase()).toEqual({ kind: 'erasing', record: erasing });
    await world.dispatchFor(4 * MINUTE, MINUTE);
    expect(await world.erase()).toEqual({ kind: 'erased', record: await world.record() });
  });

  it('is never asked for again at JoggAI', async () => {
    const world = await givenEnded(record());
    const polls = world.joggai.polls.length;
    await world.erase();
    expect(await world.refresh()).toMatchObject({ kind: 'not_refreshable' });
    await world.dispatchFor(4 * MINUTE, MINUTE);
    expect(await world.refresh()).toMatchObject({ kind: 'not_refreshable' });
    expect(world.joggai.polls).toHaveLength(polls);
  });

  it('may not be submitted again under its key', async () => {
    const world = await givenEnded(record());
    await world.erase();
    expect(mayBeSubmittedAgain(await world.record())).toBe(false);
  });
});

describe('an invalid event', () => {
  it('loses its body and its errors, whose fields are named by its sender', async () => {
    const world = await givenEnded(
      acceptedAsInvalid(
        { ...fresh, body: 'my scar', errors: [{ field: 'scar_on_the_face', message: 'is not a field' }] },
        at,
      ),
    );
    await world.erase();
    await world.dispatch();
    expect(await world.record()).toMatchObject({ status: 'rejected', erasedAt: expect.anything() });
    expect(await world.text()).not.toContain('scar');
  });
});

describe('a request with work left', () => {
  it.each<[string, () => AvatarRecord]>([
    ['queued', () => acceptedAsQueued(fresh, at)],
    ['generating', generating],
    ['to be published', () => ended(NO_ANSWER)],
    ['to be copied', () => ({ ...generating(), status: 'succeeded', open: 'copying', images: [...IMAGES] })],
  ])('is not erased: %s', async (_, record) => {
    const world = createCompletionWorld();
    await world.ledger.create(record());
    const before = await world.record();
    const erase = createErase({ ledger: world.ledger, clock: () => T0 });
    expect(await erase(ID, 'arn:ann', { id: 'api', deadline: T0 })).toEqual({
      kind: 'not_erasable',
      record: before,
    });
    expect(await world.record()).toEqual(before);
    expect(await erase('unknown', 'arn:ann', { id: 'api', deadline: T0 })).toEqual({ kind: 'not_found' });
  });
});

describe('the copies of an erased request', () => {
  it('are deleted by the next dispatch, also one that no record names', async () => {
    const world = await givenEnded(generating());
    world.imageStore.put(`${ID}/9`);
    world.imageStore.put('avatar-12/1');
    await world.erase();
    await world.dispatch();
    expect(world.imageStore.kept()).toEqual(['avatar-12/1']);
  });

  it('are deleted once more after every dispatch that may still have been copying has ended', async () => {
    const world = await givenEnded(generating());
    await world.erase();
    await world.dispatch();
    expect(await world.record()).not.toHaveProperty('erasedAt');
    // A slow dispatch, which read the record before its copies were recorded, ends its last upload.
    world.imageStore.put(`${ID}/1`);
    world.time.now += 2 * MINUTE;
    await world.dispatch();
    expect(await world.record()).not.toHaveProperty('erasedAt');
    world.time.now += MINUTE;
    await world.dispatch();
    expect(world.imageStore.kept()).toEqual([]);
    expect(await world.record()).toHaveProperty('erasedAt');
  });

  it('are not made again by a dispatch whose index still shows them as to be copied', async () => {
    const world = createCompletionWorld();
    await world.ledger.create({ ...generating(), status: 'succeeded', open: 'copying', images: [...IMAGES] });
    const stale = await world.record();
    await world.dispatchFor(MINUTE, MINUTE);
    await createErase({ ledger: world.ledger, clock: () => world.time.now })(ID, 'arn:ann', {
      id: 'api',
      deadline: 0,
    });
    await world.dispatchFor(4 * MINUTE, MINUTE);
    const due: typeof world.ledger.due = async (state, { after }) =>
      state === 'copying' && !after ? [stale] : [];
    await world.dispatch({ ledger: { ...world.ledger, due } });
    expect(world.imageStore.kept()).toEqual([]);
  });

  it('that cannot be deleted keep the record erasing, until a dispatch succeeds', async () => {
    const world = await givenEnded(ended(NO_ANSWER));
    await world.erase();
    world.imageStore.isDown = true;
    await world.dispatch();
    expect(world.reported.stuck).toEqual([ID]);
    expect(await world.record()).toMatchObject({ open: 'erasing' });
    world.imageStore.isDown = false;
    await world.dispatch();
    expect(await world.record()).toHaveProperty('erasedAt');
  });
});

describe('an erased request in doubt', () => {
  const givenErased = async () => {
    const world = await givenEnded(ended(NO_ANSWER));
    await world.erase();
    await world.dispatch();
    return world;
  };

  it('can be closed, which is published, and stays erased', async () => {
    const world = await givenErased();
    expect(await world.resolve('close')).toMatchObject({ kind: 'resolved', record: { status: 'failed' } });
    await world.dispatch();
    expect(world.bus.published.at(-1)).toMatchObject({ status: 'failed', charged: 'unknown' });
    expect(await world.record()).not.toHaveProperty('open');
    expect(await world.erase()).toMatchObject({ kind: 'erased' });
  });

  it('cannot be resubmitted, because nothing is left to send', async () => {
    const world = await givenErased();
    const before = await world.record();
    expect(await world.resolve('resubmit')).toEqual({ kind: 'not_resolvable', record: before });
    expect(await world.record()).toEqual(before);
  });

  it('cannot be resolved while it is being erased, so that the erasure is completed', async () => {
    const world = await givenEnded(ended(NO_ANSWER));
    await world.erase();
    for (const action of ['close', 'resubmit'] as const) {
      expect(await world.resolve(action)).toMatchObject({ kind: 'not_resolvable' });
    }
    await world.dispatch();
    expect(await world.resolve('close')).toMatchObject({ kind: 'resolved' });
  });
});

describe('the key of an erased request', () => {
  it('replays the record for the same request, refuses another one, and pays for neither', async () => {
    const world = createWorld();
    world.joggai.answer = () => REFUSED;
    const submit = (fields = {}) =>
      createSubmitter({
        ledger: world.ledger,
        gate: world.gate(),
        paidApi: { expectCall() {}, generate: async () => world.joggai.answer('') },
        apiKeys: {
          current: async () => world.secret.stored,
          refreshed: async () => world.secret.stored,
        },
        clock: () => world.time.now,
        events: { outcomeRecorded() {}, outcomeNotRecorded() {}, slotNotReleased() {} },
        wait: async () => {},
      }).submit(keyedCommand('order-1', { request: FULL_AVATAR, ...fields }), world.invocation());
    const first = Object(await submit()).record;
    const { open: _, dueAt: __, ...published } = first;
    await world.ledger.replace({ ...published, version: first.version + 1 });
    await createErase({ ledger: world.ledger, clock: () => world.time.now })(
      first.id,
      'arn:ann',
      world.invocation(),
    );
    const [erased] = world.ledger.records();
    expect(erased?.error?.advice).toContain('under a new key');
    world.joggai.answer = () => ({ kind: 'accepted', photoId: 'photo' });
    expect(await submit()).toMatchObject({ kind: 'replayed', record: { status: 'rejected' } });
    expect(await submit({ request: { ...FULL_AVATAR, gender: 'Male' } })).toMatchObject({
      kind: 'key_reused',
    });
    expect(world.ledger.records()).toEqual([erased]);
  });
});
