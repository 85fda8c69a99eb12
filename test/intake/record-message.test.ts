import { describe, expect, it } from 'vitest';
import { isQueued } from '../../lambda/domain/record/record.ts';
import { requestHash } from '../../lambda/domain/request/identity.ts';
import { claimed, withOutcome } from '../../lambda/domain/submission/submission-rules.ts';
import { createMessageRecorder, type IntakePorts } from '../../lambda/intake/record-message.ts';
import { EVENT_QUEUE, QUEUE, SERVICE } from '../support/messages.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld } from '../support/submission-world.ts';

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;

const givenIntake = () => {
  const world = createWorld();
  const submissions: string[] = [];
  const record = createMessageRecorder({
    submitter: world.process(),
    serviceName: SERVICE,
    eventQueueArn: EVENT_QUEUE,
    onSubmission: ({ kind }) => submissions.push(kind),
    onFailed: () => {},
  });
  const deliver = (content: unknown, messageId = 'message-1', queue = QUEUE) => {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    return record({ messageId, body, eventSourceARN: queue }, world.invocation());
  };
  return { ...world, deliver, submissions, records: world.ledger.records };
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

describe('a request received as an event', () => {
  it('is recorded as queued, without a call to JoggAI', async () => {
    const { deliver, records, submissions, joggai, slotsInUse } = givenIntake();
    await deliver(AVATAR);
    expect(records()).toMatchObject([
      {
        status: 'queued',
        source: 'queue',
        caller: 'queue',
        owner: 'queue',
        request: AVATAR,
        attempts: 0,
        charged: 'no',
      },
    ]);
    expect(records()[0]?.dueAt).toBe(records()[0]?.createdAt);
    expect(submissions).toEqual(['queued']);
    expect(joggai.calls).toEqual([]);
    expect(await slotsInUse()).toBe(0);
  });

  it.each([
    ['without an envelope', AVATAR, AVATAR],
    ['from EventBridge', event('event-1', AVATAR), event('event-1', AVATAR)],
    ['from SNS', notification('sns-1', AVATAR), notification('sns-1', AVATAR)],
  ])('is recorded once, however often it is delivered (%s)', async (_, first, second) => {
    const { deliver, records, submissions } = givenIntake();
    await deliver(first);
    await deliver(second);
    expect(records()).toHaveLength(1);
    expect(submissions).toEqual(['queued', 'replayed']);
  });

  it('from EventBridge is recorded once, even if SQS delivers it in several messages', async () => {
    const { deliver, records } = givenIntake();
    await deliver(event('event-1', AVATAR), 'message-1');
    await deliver(event('event-1', AVATAR), 'message-2');
    await deliver(notification('sns-9', event('event-1', AVATAR)), 'message-3');
    expect(records()).toHaveLength(1);
  });

  it('is a separate request from another event with the same fields', async () => {
    const { deliver, records } = givenIntake();
    await deliver(event('event-1', AVATAR));
    await deliver(event('event-2', AVATAR));
    await deliver(AVATAR);
    expect(new Set(records().map(({ id }) => id)).size).toBe(3);
  });

  it('is not queued again by a late delivery after it was charged', async () => {
    const { deliver, records, ledger, time } = givenIntake();
    await deliver(AVATAR);
    const at = { now: time.now, by: 'dispatch' };
    for (const queued of records().filter(isQueued)) {
      const claim = claimed(queued, { ...at, attemptId: 'attempt', leaseUntil: time.now + 1 });
      await ledger.replace(claim);
      await ledger.replace(
        withOutcome(claim, { status: 'generating', charged: 'yes', photoId: 'photo' }, at),
      );
    }
    const paid = records();
    await deliver(AVATAR);
    expect(records()).toEqual(paid);
    expect(paid).toMatchObject([{ status: 'generating', photoId: 'photo' }]);
  });
});

describe('an idempotency key in an event', () => {
  it('makes several events one request, and is not recorded as a field of it', async () => {
    const { deliver, records, submissions } = givenIntake();
    await deliver({ ...AVATAR, idempotency_key: 'order-7' }, 'message-1');
    await deliver({ ...AVATAR, idempotency_key: 'order-7' }, 'message-2');
    expect(records()).toMatchObject([{ request: AVATAR, requestHash: requestHash(AVATAR) }]);
    expect(submissions).toEqual(['queued', 'replayed']);
  });

  it('is shared only by events of one source that the rule delivers, and by all messages of the queue', async () => {
    const { deliver, records } = givenIntake();
    const keyed = { ...AVATAR, idempotency_key: 'order-7' };
    await deliver(event('event-1', keyed, 'my.shop'), 'message-1', EVENT_QUEUE);
    await deliver(event('event-2', keyed, 'my.other-shop'), 'message-2', EVENT_QUEUE);
    await deliver(keyed);
    await deliver(notification('sns-1', keyed));
    expect(records().map(({ owner }) => owner)).toEqual([
      'eventbridge:my.shop',
      'eventbridge:my.other-shop',
      'queue',
    ]);
  });

  it('equal to the id of another event identifies a separate request', async () => {
    const { deliver, records } = givenIntake();
    await deliver(AVATAR, 'message-1');
    await deliver({ ...AVATAR, gender: 'Male', idempotency_key: 'message-1' }, 'message-2');
    expect(records().map(({ status }) => status)).toEqual(['queued', 'queued']);
  });

  it('of another request is recorded once, as rejected, with the id of that request', async () => {
    const { deliver, records, submissions } = givenIntake();
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
    expect(submissions).toEqual(['queued', 'key_reused', 'key_reused']);
  });
});

describe('an event that is not a valid request', () => {
  it('is recorded as rejected, with its original body and every error', async () => {
    const { deliver, records, submissions } = givenIntake();
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
    expect(submissions).toEqual(['invalid']);
  });

  it('is recorded once, however often it is delivered', async () => {
    const { deliver, records } = givenIntake();
    await deliver('not JSON');
    await deliver('not JSON');
    expect(records()).toMatchObject([
      {
        status: 'rejected',
        invalid: { body: 'not JSON', errors: [{ field: 'body', message: 'is not JSON' }] },
      },
    ]);
  });

  it.each([
    ['many invalid fields', Array.from({ length: 5_000 }, (_, index) => `field_${index}_${'€'.repeat(50)}`)],
    [
      'invalid fields with very long names',
      Array.from({ length: 200 }, (_, index) => `${index}${'€'.repeat(5_000)}`),
    ],
  ])('with %s is truncated to fit into a DynamoDB item', async (_, fields) => {
    const { deliver, records } = givenIntake();
    const body = JSON.stringify({ ...AVATAR, ...Object.fromEntries(fields.map((field) => [field, 1])) });
    await deliver(body);
    const [record] = records();
    expect(record?.invalid?.body).toBe(body.slice(0, 64 * 1024));
    expect(record?.invalid?.errors).toHaveLength(100);
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(MAX_ITEM_BYTES);
  });
});

describe('while the ledger is unavailable', () => {
  it.each([
    ['a request', AVATAR],
    ['an invalid event', 'not JSON'],
  ])('%s is not acknowledged, and the log has its id', async (_, content) => {
    const world = createWorld();
    const submissions: string[] = [];
    const failures: unknown[] = [];
    const unavailable = {
      ...world.ledger,
      create: () => Promise.reject(new Error('The ledger is unavailable.')),
    };
    const ports: IntakePorts = {
      submitter: world.process(() => ({ ledger: unavailable })),
      serviceName: SERVICE,
      eventQueueArn: EVENT_QUEUE,
      onSubmission: ({ kind }) => submissions.push(kind),
      onFailed: (error, correlationId) => failures.push([error, correlationId]),
    };
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    const recorded = createMessageRecorder(ports)(
      { messageId: 'message-1', body, eventSourceARN: QUEUE },
      world.invocation(),
    );
    await expect(recorded).rejects.toThrow('The ledger is unavailable.');
    expect(failures).toEqual([[new Error('The ledger is unavailable.'), 'message-1']]);
    expect(submissions).toEqual([]);
    expect(world.ledger.records()).toEqual([]);
  });
});
