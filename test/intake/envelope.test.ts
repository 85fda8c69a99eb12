import { describe, expect, it } from 'vitest';
import { openEnvelope } from '../../lambda/intake/envelope.ts';
import { EVENT_QUEUE, sqsMessage } from '../support/messages.ts';
import { AVATAR } from '../support/requests.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:avatars';

const open = (content: unknown, queue?: string) =>
  openEnvelope(sqsMessage(content, { id: 'sqs-1', ...(queue && { queue }) }), EVENT_QUEUE);

const sns = (message: unknown) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: TOPIC,
  Message: typeof message === 'string' ? message : JSON.stringify(message),
  Timestamp: '2026-11-22T12:00:00.000Z',
});

const eventBridge = (detail: unknown) => ({
  version: '0',
  id: 'event-1',
  'detail-type': 'Photo Avatar Requested',
  source: 'my.shop',
  account: '123456789012',
  detail,
});

const FROM_QUEUE = {
  source: 'queue',
  caller: 'queue',
  namespaces: { keys: 'queue', ids: 'queue-id' },
  eventId: 'sqs-1',
  errors: [],
};
const BY_RULE = {
  source: 'eventbridge',
  caller: 'my.shop',
  namespaces: { keys: 'eventbridge:my.shop', ids: 'eventbridge-id' },
  eventId: 'event-1',
  errors: [],
};
const FROM_EVENTBRIDGE = {
  ...BY_RULE,
  namespaces: { keys: 'queue', ids: 'queue:eventbridge-id' },
  claimed: BY_RULE.namespaces,
};
const FROM_SNS = {
  source: 'sns',
  caller: TOPIC,
  namespaces: { keys: 'queue', ids: 'queue:sns-id' },
  claimed: { keys: `sns:${TOPIC}`, ids: 'sns-id' },
  eventId: 'sns-1',
  errors: [],
};
const NOT_JSON = [{ field: 'body', message: 'is not JSON' }];

describe('a message on the queue', () => {
  it('can be a request without an envelope', () => {
    expect(open(AVATAR)).toEqual({ ...FROM_QUEUE, payload: AVATAR });
  });

  it('can be an EventBridge event with the request as its detail, identified by the id of the event', () => {
    expect(open(eventBridge(AVATAR))).toEqual({ ...FROM_EVENTBRIDGE, payload: AVATAR });
  });

  it('can be an SNS notification with the request as its message', () => {
    expect(open(sns(AVATAR))).toEqual({ ...FROM_SNS, payload: AVATAR });
  });

  it('can be an SNS notification of an EventBridge event, identified by the id of the event', () => {
    expect(open(sns(eventBridge(AVATAR)))).toEqual({ ...FROM_EVENTBRIDGE, payload: AVATAR });
  });

  it('is an event of its source only on the queue of the rule', () => {
    expect(open(eventBridge(AVATAR), EVENT_QUEUE)).toEqual({ ...BY_RULE, payload: AVATAR });
    expect(open(sns(eventBridge(AVATAR)), EVENT_QUEUE)).toEqual({ ...FROM_EVENTBRIDGE, payload: AVATAR });
    expect(open(AVATAR, EVENT_QUEUE)).toEqual({ ...FROM_QUEUE, payload: AVATAR });
  });

  it('that is not JSON has no payload', () => {
    expect(open('not JSON')).toEqual({ ...FROM_QUEUE, payload: undefined, errors: NOT_JSON });
  });

  it('with a notification that is not JSON has no payload, and the topic as its caller', () => {
    expect(open(sns('not JSON'))).toEqual({ ...FROM_SNS, payload: undefined, errors: NOT_JSON });
  });

  it.each([
    [
      'an SNS subscription confirmation',
      { Type: 'SubscriptionConfirmation', MessageId: 'x', TopicArn: TOPIC },
    ],
    ['an incomplete EventBridge event', { id: 'event-1', source: 'my.shop', detail: AVATAR }],
    ['a list', [AVATAR]],
    ['text', '"avatar"'],
  ])('that is %s is treated as a request without an envelope', (_, content) => {
    const payload = typeof content === 'string' ? JSON.parse(content) : content;
    expect(open(content)).toEqual({ ...FROM_QUEUE, payload });
  });
});
