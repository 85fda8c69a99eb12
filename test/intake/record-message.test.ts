import { describe, expect, it } from 'vitest';
import { requestHash } from '../../lambda/domain/identity.ts';
import { isQueued } from '../../lambda/domain/record.ts';
import { claimed, settled } from '../../lambda/domain/submitting.ts';
import { createMessageRecorder, type IntakePorts } from '../../lambda/intake/record-message.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld } from '../support/submission-world.ts';

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MOST_ITEM_BYTES = 400 * 1024;

const givenIntake = () => {
  const world = createWorld();
  const told: string[] = [];
  const record = createMessageRecorder({
    submitter: world.process(),
    onSubmission: ({ kind }) => told.push(kind),
  });
  const deliver = (content: unknown, messageId = 'message-1') => {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    return record({ messageId, body }, world.invocation());
  };
  return { ...world, deliver, told, records: world.ledger.records };
};

const event = (id: string, detail: unknown, source = 'my.shop') => ({
  id,
  source,
  'detail-type': 'Photo Avatar Requested',
  detail,
});

const notification = (id: string, message: unknown) => ({
  Type: 'Notification',
  MessageId: id,
  TopicArn: 'arn:aws:sns:us-east-1:123456789012:avatars',
  Message: JSON.stringify(message),
});

describe('a request that comes in as an event', () => {
  it('is recorded as queued, and nobody is called', async () => {
    const { deliver, records, told, joggai, slotsInUse } = givenIntake();
    await deliver(AVATAR);
    expect(records()).toMatchObject([
      { status: 'queued', source: 'queue', caller: 'queue', request: AVATAR, attempts: 0, charged: 'no' },
    ]);
    expect(records()[0]?.dueAt).toBe(records()[0]?.createdAt);
    expect(told).toEqual(['queued']);
    expect(joggai.calls).toEqual([]);
    expect(await slotsInUse()).toBe(0);
  });

  it.each([
    ['bare', AVATAR, AVATAR],
    ['by EventBridge', event('event-1', AVATAR), event('event-1', AVATAR)],
    ['by SNS', notification('sns-1', AVATAR), notification('sns-1', AVATAR)],
  ])('is one request however often it is delivered (%s)', async (_, first, second) => {
    const { deliver, records, told } = givenIntake();
    await deliver(first);
    await deliver(second);
    expect(records()).toHaveLength(1);
    expect(told).toEqual(['queued', 'replayed']);
  });

  it('by EventBridge is one request though SQS gives it a new message', async () => {
    const { deliver, records } = givenIntake();
    await deliver(event('event-1', AVATAR), 'message-1');
    await deliver(event('event-1', AVATAR), 'message-2');
    await deliver(notification('sns-9', event('event-1', AVATAR)), 'message-3');
    expect(records()).toHaveLength(1);
  });

  it('is a request of its own when another event asks for the same', async () => {
    const { deliver, records } = givenIntake();
    await deliver(event('event-1', AVATAR));
    await deliver(event('event-2', AVATAR));
    await deliver(AVATAR);
    expect(new Set(records().map(({ id }) => id)).size).toBe(3);
  });

  it('is not queued again by a late delivery once it is paid for', async () => {
    const { deliver, records, ledger, time } = givenIntake();
    await deliver(AVATAR);
    const at = { now: time.now, by: 'dispatch' };
    for (const queued of records().filter(isQueued)) {
      const mine = claimed(queued, { ...at, attemptId: 'attempt', leaseUntil: time.now + 1 });
      await ledger.replace(mine);
      await ledger.replace(settled(mine, { status: 'generating', charged: 'yes', photoId: 'photo' }, at));
    }
    const paid = records();
    await deliver(AVATAR);
    expect(records()).toEqual(paid);
    expect(paid).toMatchObject([{ status: 'generating', photoId: 'photo' }]);
  });
});

describe('an idempotency key beside the fields', () => {
  it('makes one request of several events, and is no field of it', async () => {
    const { deliver, records, told } = givenIntake();
    await deliver({ ...AVATAR, idempotency_key: 'order-7' }, 'message-1');
    await deliver({ ...AVATAR, idempotency_key: 'order-7' }, 'message-2');
    expect(records()).toMatchObject([{ request: AVATAR, requestHash: requestHash(AVATAR) }]);
    expect(told).toEqual(['queued', 'replayed']);
  });

  it('is shared by nobody but the events of one source', async () => {
    const { deliver, records } = givenIntake();
    const keyed = { ...AVATAR, idempotency_key: 'order-7' };
    await deliver(event('event-1', keyed, 'my.shop'));
    await deliver(event('event-2', keyed, 'my.other-shop'));
    await deliver(keyed);
    await deliver(notification('sns-1', keyed));
    expect(records()).toHaveLength(4);
  });

  it("that equals another event's id does not meet it", async () => {
    const { deliver, records } = givenIntake();
    await deliver(AVATAR, 'message-1');
    await deliver({ ...AVATAR, gender: 'Male', idempotency_key: 'message-1' }, 'message-2');
    expect(records().map(({ status }) => status)).toEqual(['queued', 'queued']);
  });

  it('of another request is recorded as rejected, with the id of the one it belongs to, once', async () => {
    const { deliver, records, told } = givenIntake();
    await deliver({ ...AVATAR, idempotency_key: 'order-7' }, 'message-1');
    const other = { ...AVATAR, gender: 'Male', idempotency_key: 'order-7' };
    await deliver(other, 'message-2');
    await deliver(other, 'message-2');
    const [first, second, ...more] = records();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ status: 'queued', request: AVATAR });
    expect(second).toMatchObject({
      status: 'rejected',
      charged: 'no',
      invalid: {
        body: JSON.stringify(other),
        errors: [{ field: 'idempotency_key', message: expect.stringContaining(first?.id ?? 'an id') }],
      },
    });
    expect(second?.open).toBe('announcing');
    expect(told).toEqual(['queued', 'key_reused', 'key_reused']);
  });
});

describe('an event that is no valid request', () => {
  it('is recorded as rejected, with its body as it came and everything that is wrong', async () => {
    const { deliver, records, told } = givenIntake();
    const content = event('event-1', { ...AVATAR, age: 'Old', photo_url: 'https://example.com/face.png' });
    await deliver(content);
    const [record] = records();
    expect(record).toMatchObject({
      status: 'rejected',
      charged: 'no',
      source: 'eventbridge',
      caller: 'my.shop',
      invalid: {
        body: JSON.stringify(content),
        errors: [
          { field: 'age', message: expect.stringContaining('"Young adult"') },
          { field: 'photo_url', message: expect.stringContaining('"image_url"') },
        ],
      },
      error: { code: 'invalid_request' },
    });
    expect(record?.request).toBeUndefined();
    expect(record?.open).toBe('announcing');
    expect(told).toEqual(['invalid']);
  });

  it('is recorded once, however often it is delivered', async () => {
    const { deliver, records } = givenIntake();
    await deliver('no JSON at all');
    await deliver('no JSON at all');
    expect(records()).toMatchObject([
      {
        status: 'rejected',
        invalid: { body: 'no JSON at all', errors: [{ field: 'body', message: 'is not JSON' }] },
      },
    ]);
  });

  it.each([
    ['many wrong fields', Array.from({ length: 5_000 }, (_, index) => `field_${index}_${'€'.repeat(50)}`)],
    [
      'wrong fields with endless names',
      Array.from({ length: 200 }, (_, index) => `${index}${'€'.repeat(5_000)}`),
    ],
  ])('with %s keeps the beginning of what came: an item has an end', async (_, fields) => {
    const { deliver, records } = givenIntake();
    const body = JSON.stringify({ ...AVATAR, ...Object.fromEntries(fields.map((field) => [field, 1])) });
    await deliver(body);
    const [record] = records();
    expect(record?.invalid?.body).toBe(body.slice(0, 64 * 1024));
    expect(record?.invalid?.errors).toHaveLength(100);
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(MOST_ITEM_BYTES);
  });
});

describe('with the ledger out of reach', () => {
  it.each([
    ['a request', AVATAR],
    ['an event that is none', 'no JSON'],
  ])('%s is not acknowledged', async (_, content) => {
    const world = createWorld();
    const told: string[] = [];
    const away = { ...world.ledger, create: () => Promise.reject(new Error('The ledger is away.')) };
    const ports: IntakePorts = {
      submitter: world.process(() => ({ ledger: away })),
      onSubmission: ({ kind }) => told.push(kind),
    };
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    const recorded = createMessageRecorder(ports)({ messageId: 'message-1', body }, world.invocation());
    await expect(recorded).rejects.toThrow('The ledger is away.');
    expect(told).toEqual([]);
    expect(world.ledger.records()).toEqual([]);
  });
});
