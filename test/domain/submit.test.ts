import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { keyFingerprint } from '../../lambda/domain/request/identity.ts';
import { CALL_TIMEOUT_MS, RECORDING_RESERVE_MS } from '../../lambda/domain/submission/paid-call.ts';
import { AVATAR } from '../support/requests.ts';
import {
  command,
  createWorld,
  INVOCATION_MS,
  keyedCommand,
  T0,
  type World,
} from '../support/submission-world.ts';

const submit = (world: World, key = 'order-1') =>
  world.process().submit(keyedCommand(key), world.invocation());
const onlyRecord = (world: World) => {
  const [record, ...others] = world.ledger.records();
  expect(others).toEqual([]);
  return record;
};
const refusedKey: Outcome = {
  kind: 'refused',
  reason: 'invalid_key',
  code: 10105,
  message: 'Invalid API key',
};
const noCredit: Outcome = { kind: 'refused', reason: 'insufficient_credit', code: 18020, message: '' };

describe('a request that JoggAI accepts', () => {
  it('is recorded as claimed before the call, and as generating after it', async () => {
    const world = createWorld();
    const during: unknown[] = [];
    world.joggai.answer = () => {
      during.push(onlyRecord(world)?.status);
      return { kind: 'accepted', photoId: 'photo-1' };
    };
    expect(await submit(world)).toMatchObject({
      kind: 'submitted',
      record: { status: 'generating', charged: 'yes', photoId: 'photo-1' },
    });
    expect(during).toEqual(['submitting']);
    expect(onlyRecord(world)).toMatchObject({ status: 'generating', photoId: 'photo-1', attempts: 1 });
    expect(world.reported).toEqual(['recorded generating']);
  });

  it('has a lease that ends after the invocation', async () => {
    const world = createWorld();
    let leaseUntil = '';
    world.joggai.answer = () => {
      leaseUntil = onlyRecord(world)?.attempt?.leaseUntil ?? '';
      return { kind: 'accepted', photoId: 'photo-1' };
    };
    await submit(world);
    expect(Date.parse(leaseUntil)).toBeGreaterThan(T0 + INVOCATION_MS);
  });

  it('leaves time to record the outcome', async () => {
    const world = createWorld();
    await world.process().submit(command(), world.invocation(12_000));
    await world.process().submit(command(), world.invocation(900_000));
    expect(world.joggai.calls.map(({ timeoutMs }) => timeoutMs)).toEqual([
      12_000 - RECORDING_RESERVE_MS,
      CALL_TIMEOUT_MS,
    ]);
  });
});

describe('the same key again', () => {
  it.each<[string, Outcome]>([
    ['generating', { kind: 'accepted', photoId: 'photo-1' }],
    ['failed', { kind: 'failed', code: 50000, message: '' }],
    ['queued', { kind: 'http_rejected', httpStatus: 403 }],
    ['in_doubt', { kind: 'no_answer', cause: 'ECONNRESET' }],
    ['queued', { kind: 'rate_limited', retryAfterSeconds: 9 }],
  ])('replays a record that is %s, and does not call JoggAI', async (status, outcome) => {
    const world = createWorld();
    world.joggai.answer = () => outcome;
    await submit(world);
    world.time.now += 3_600_000;
    expect(await submit(world)).toMatchObject({ kind: 'replayed', record: { status } });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('with another request is a conflict, and changes nothing', async () => {
    const world = createWorld();
    await submit(world);
    const before = world.ledger.records();
    const other = keyedCommand('order-1', { request: { ...AVATAR, age: 'Elderly' } });
    expect(await world.process().submit(other, world.invocation())).toMatchObject({ kind: 'key_reused' });
    expect(await world.process().enqueue(other, world.invocation())).toMatchObject({ kind: 'key_reused' });
    expect(world.ledger.records()).toEqual(before);
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('with another order of the fields is the same request', async () => {
    const world = createWorld();
    await submit(world);
    const reversed: typeof AVATAR = Object.assign(
      {},
      AVATAR,
      Object.fromEntries(Object.entries(AVATAR).reverse()),
    );
    const again = keyedCommand('order-1', { request: reversed });
    expect(await world.process().submit(again, world.invocation())).toMatchObject({ kind: 'replayed' });
  });

  it('from another caller is another request', async () => {
    const world = createWorld();
    await submit(world);
    const other = keyedCommand('order-1', { idempotency: { namespace: 'someone else', key: 'order-1' } });
    expect(await world.process().submit(other, world.invocation())).toMatchObject({ kind: 'submitted' });
    expect(world.ledger.records()).toHaveLength(2);
  });

  it('submits a rejected request again', async () => {
    const world = createWorld();
    world.joggai.answer = () => noCredit;
    expect(await submit(world)).toMatchObject({ kind: 'submitted', record: { status: 'rejected' } });
    world.joggai.answer = () => ({ kind: 'accepted', photoId: 'photo-1' });
    world.time.now += 60_000;
    expect(await submit(world)).toMatchObject({ record: { status: 'generating', attempts: 2 } });
    expect(onlyRecord(world)?.history.map(({ status }) => status)).toEqual([
      'submitting',
      'rejected',
      'submitting',
      'generating',
    ]);
  });

  it('submits a rejected request again once, for any number of concurrent callers', async () => {
    const world = createWorld();
    world.joggai.answer = () => noCredit;
    await submit(world);
    world.joggai.answer = () => ({ kind: 'accepted', photoId: 'photo-1' });
    world.time.now += 600_000;
    await Promise.all(Array.from({ length: 10 }, () => submit(world)));
    expect(world.joggai.charges).toBe(1);
  });
});

describe('a refused key', () => {
  it('is read again once, and the changed key is used', async () => {
    const world = createWorld();
    world.secret.stored = { kind: 'present', value: 'key-2' };
    world.joggai.answer = (key) => (key === 'key-2' ? { kind: 'accepted', photoId: 'photo-1' } : refusedKey);
    expect(await submit(world)).toMatchObject({ record: { status: 'generating', attempts: 1 } });
    expect(world.joggai.calls.map(({ apiKey }) => apiKey)).toEqual(['key-1', 'key-2']);
    expect(world.refreshes()).toBe(1);
    expect((await world.gate().snapshot(keyFingerprint('key-2'))).rejection).toBeUndefined();
  });

  it('that did not change is not used again, and blocks the account', async () => {
    const world = createWorld();
    world.joggai.answer = () => refusedKey;
    expect(await submit(world)).toMatchObject({
      record: { status: 'rejected', error: { code: 'invalid_key' } },
    });
    expect(world.joggai.calls).toHaveLength(1);
    expect(world.refreshes()).toBe(1);
    expect((await world.gate().snapshot(keyFingerprint('key-1'))).rejection).toMatchObject({
      reason: 'invalid_key',
    });
  });

  it('whose replacement is refused, too, does not lead to a third call', async () => {
    const world = createWorld();
    world.secret.stored = { kind: 'present', value: 'key-2' };
    world.joggai.answer = () => refusedKey;
    await submit(world);
    expect(world.joggai.calls).toHaveLength(2);
    expect((await world.gate().snapshot(keyFingerprint('key-2'))).rejection).toMatchObject({
      reason: 'invalid_key',
    });
  });

  it.each<[World['secret']['stored']]>([
    [{ kind: 'unset' }],
    [{ kind: 'malformed', problem: 'x' }],
    [{ kind: 'unreadable', problem: 'x' }],
  ])('is not followed by a second call when the secret is %j', async (stored) => {
    const world = createWorld();
    world.secret.stored = stored;
    world.joggai.answer = () => refusedKey;
    expect(await submit(world)).toMatchObject({ record: { status: 'rejected' } });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('is not followed by a second call if too little time is left: the request waits for the new key', async () => {
    const world = createWorld();
    world.secret.stored = { kind: 'present', value: 'key-2' };
    world.joggai.answer = () => {
      world.time.now += 21_000;
      return refusedKey;
    };
    expect(await submit(world)).toMatchObject({ record: { status: 'queued', charged: 'no' } });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('takes a second slot for the second call', async () => {
    const world = createWorld();
    world.secret.stored = { kind: 'present', value: 'key-2' };
    world.joggai.answer = (apiKey) =>
      apiKey === 'key-1' ? refusedKey : { kind: 'accepted', photoId: 'photo-1' };
    expect(await submit(world)).toMatchObject({ record: { status: 'generating' } });
    expect(await world.slotsInUse()).toBe(2);
  });

  it('waits in the queue if there is no second slot', async () => {
    const world = createWorld({ slots: 1 });
    world.secret.stored = { kind: 'present', value: 'key-2' };
    world.joggai.answer = () => refusedKey;
    expect(await submit(world)).toMatchObject({ record: { status: 'queued', charged: 'no' } });
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('is the only outcome that leads to a second call', async () => {
    const answers: Outcome[] = [
      noCredit,
      { kind: 'refused', reason: 'no_permission', code: 18025, message: '' },
      { kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' },
      { kind: 'rate_limited', retryAfterSeconds: 1 },
      { kind: 'failed', code: 50000, message: '' },
      { kind: 'http_rejected', httpStatus: 403 },
      { kind: 'not_sent', cause: 'x' },
      { kind: 'no_answer', cause: 'x' },
    ];
    for (const answer of answers) {
      const world = createWorld();
      world.secret.stored = { kind: 'present', value: 'key-2' };
      world.joggai.answer = () => answer;
      await submit(world);
      expect(world.joggai.calls, answer.kind).toHaveLength(1);
    }
  });
});

describe('without an API key', () => {
  it.each<[World['secret']['stored']]>([
    [{ kind: 'unset' }],
    [{ kind: 'malformed', problem: 'x' }],
    [{ kind: 'unreadable', problem: 'x' }],
  ])('nothing is recorded or sent, and no slot is held: %j', async (state) => {
    const world = createWorld();
    world.secret.remembered = state;
    expect(await submit(world)).toEqual({ kind: 'no_api_key', state });
    expect(world.ledger.records()).toEqual([]);
    expect(await world.slotsInUse()).toBe(0);
    expect(world.joggai.calls).toEqual([]);
  });

  it('an earlier record is still replayed', async () => {
    const world = createWorld();
    await submit(world);
    world.secret.remembered = { kind: 'unset' };
    expect(await submit(world)).toMatchObject({ kind: 'replayed', record: { status: 'generating' } });
  });
});

describe('a request with too little time left', () => {
  it('is not sent, is queued and holds no slot', async () => {
    const world = createWorld();
    const result = await world.process().submit(keyedCommand('order-1'), world.invocation(8_000));
    expect(result).toMatchObject({ record: { status: 'queued', charged: 'no' } });
    expect(world.joggai.calls).toEqual([]);
    expect(await world.slotsInUse()).toBe(0);
  });

  it('does not make the gate back off: the next request is sent', async () => {
    const world = createWorld();
    await world.process().submit(command(), world.invocation(8_000));
    expect(await submit(world)).toMatchObject({ record: { status: 'generating' } });
  });
});
