import { describe, expect, it } from 'vitest';
import { openEnvelope } from '../../lambda/intake/envelope.ts';
import { AVATAR } from '../support/requests.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:avatars';

const open = (content: unknown) =>
  openEnvelope({
    messageId: 'sqs-1',
    body: typeof content === 'string' ? content : JSON.stringify(content),
  });

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

const IN_THE_QUEUE = { source: 'queue', caller: 'queue', namespace: 'queue', eventId: 'sqs-1' };
const BY_EVENTBRIDGE = {
  source: 'eventbridge',
  caller: 'my.shop',
  namespace: 'eventbridge:my.shop',
  eventId: 'event-1',
};
const BY_SNS = { source: 'sns', caller: TOPIC, namespace: `sns:${TOPIC}`, eventId: 'sns-1' };

describe('a message of the queue', () => {
  it('is the request itself', () => {
    expect(open(AVATAR)).toEqual({ ...IN_THE_QUEUE, payload: AVATAR });
  });

  it("is an EventBridge event with the request as its detail, and the event's id is its own", () => {
    expect(open(eventBridge(AVATAR))).toEqual({ ...BY_EVENTBRIDGE, payload: AVATAR });
  });

  it('is an SNS notification with the request as its message', () => {
    expect(open(sns(AVATAR))).toEqual({ ...BY_SNS, payload: AVATAR });
  });

  it('is an SNS notification of an EventBridge event: the inner id is the one that stays the same', () => {
    expect(open(sns(eventBridge(AVATAR)))).toEqual({ ...BY_EVENTBRIDGE, payload: AVATAR });
  });

  it('that is not JSON has no payload', () => {
    expect(open('an avatar, please')).toEqual({ ...IN_THE_QUEUE, payload: undefined });
  });

  it('whose notification carries no JSON has no payload, and still names its topic', () => {
    expect(open(sns('an avatar, please'))).toEqual({ ...BY_SNS, payload: undefined });
  });

  it.each([
    [
      'an SNS subscription confirmation',
      { Type: 'SubscriptionConfirmation', MessageId: 'x', TopicArn: TOPIC },
    ],
    ['half an EventBridge event', { id: 'event-1', source: 'my.shop', detail: AVATAR }],
    ['a list', [AVATAR]],
    ['text', '"avatar"'],
  ])('that is %s is taken for a request as it is', (_, content) => {
    const payload = typeof content === 'string' ? JSON.parse(content) : content;
    expect(open(content)).toEqual({ ...IN_THE_QUEUE, payload });
  });
});
