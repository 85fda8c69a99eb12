import { describe, expect, it } from 'vitest';
import { createMessageRecorder } from '../../lambda/intake/record-message.ts';
import { EVENT_QUEUE, QUEUE, SERVICE } from '../support/messages.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld } from '../support/submission-world.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:avatars';
const TWICE = JSON.stringify(AVATAR).replace('{', '{"age":"Elderly",');

const sns = (Message: string, changed: object = {}) =>
  JSON.stringify({ Type: 'Notification', MessageId: 'sns-1', TopicArn: TOPIC, Message, ...changed });

const eventBridge = (detail: string, changed: object = {}) =>
  JSON.stringify({
    id: 'event-1',
    'detail-type': 'Photo Avatar Requested',
    source: 'my.shop',
    ...changed,
    detail: '@',
  }).replace('"@"', () => detail);

const recordOf = async (body: string) => {
  const world = createWorld();
  const record = createMessageRecorder({
    submitter: world.process(),
    serviceName: SERVICE,
    eventQueueArn: EVENT_QUEUE,
    onSubmission: () => {},
    onFailed: () => {},
  });
  await record({ messageId: 'message-1', body, eventSourceARN: QUEUE }, world.invocation());
  const [first, ...others] = world.ledger.records();
  expect(others).toEqual([]);
  return first;
};

describe('a request that gives a field twice is recorded as rejected', () => {
  it.each([
    ['on the queue', TWICE, 'queue', 'queue'],
    ['in an EventBridge event', eventBridge(TWICE), 'eventbridge', 'my.shop'],
    ['in an SNS notification', sns(TWICE), 'sns', TOPIC],
    ['in an EventBridge event in an SNS notification', sns(eventBridge(TWICE)), 'eventbridge', 'my.shop'],
  ])('%s', async (_, body, source, caller) => {
    expect(await recordOf(body)).toMatchObject({
      status: 'rejected',
      charged: 'no',
      source,
      caller,
      invalid: { body, errors: [{ field: 'age', message: 'is given more than once' }] },
    });
  });
});

describe('text that was damaged on its way', () => {
  it('is recorded as rejected, because U+FFFD does not say what was meant', async () => {
    expect(await recordOf(JSON.stringify({ ...AVATAR, appearance: 'caf\ufffd' }))).toMatchObject({
      status: 'rejected',
      invalid: { errors: [{ field: 'appearance', message: expect.stringContaining('UTF-8') }] },
    });
  });
});

describe('an envelope with a name that is too long is recorded as rejected', () => {
  const long = 'x'.repeat(600_000);
  const detail = JSON.stringify(AVATAR);

  it.each([
    ['the source of an EventBridge event', eventBridge(detail, { source: long }), 'source'],
    ['the id of an EventBridge event', eventBridge(detail, { id: long }), 'id'],
    ['the topic of an SNS notification', sns(detail, { TopicArn: long }), 'TopicArn'],
    ['the id of an SNS notification', sns(detail, { MessageId: long }), 'MessageId'],
  ])('%s', async (_, body, field) => {
    const record = await recordOf(body);
    expect(record).toMatchObject({
      status: 'rejected',
      charged: 'no',
      invalid: { errors: [{ field, message: 'must be at most 512 characters' }] },
    });
    // A DynamoDB item holds 400 kB.
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(300_000);
  });

  it('and two different ones are two requests', async () => {
    const [one, other] = await Promise.all([
      recordOf(eventBridge(detail, { id: `${long}1` })),
      recordOf(eventBridge(detail, { id: `${long}2` })),
    ]);
    expect(one?.id).not.toBe(other?.id);
  });

  it('an idempotency_key of more than 255 characters is an error of its field', async () => {
    expect(await recordOf(JSON.stringify({ ...AVATAR, idempotency_key: long }))).toMatchObject({
      status: 'rejected',
      invalid: { errors: [{ field: 'idempotency_key' }] },
    });
  });
});
