import { describe, expect, it } from 'vitest';
import { isQueued } from '../../lambda/domain/record/record.ts';
import { claimed, rejectedByGate } from '../../lambda/domain/submission/submission-rules.ts';
import { createMessageRecorder } from '../../lambda/intake/record-message.ts';
import { EVENT_QUEUE, QUEUE, SERVICE, sqsMessage } from '../support/messages.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld } from '../support/submission-world.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:avatars';
const KEYED = { ...AVATAR, idempotency_key: 'order-1' };
const OTHER = { ...KEYED, gender: 'Male' } as const;

const event = (detail: unknown, id = 'event-1') => ({
  id,
  source: 'my.shop',
  'detail-type': 'Photo Avatar Requested',
  detail,
});

const notification = (message: unknown, changed: object = {}) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: TOPIC,
  Message: JSON.stringify(message),
  ...changed,
});

const givenIntake = () => {
  const world = createWorld();
  const recorder = createMessageRecorder({
    submitter: world.process(),
    serviceName: SERVICE,
    eventQueueArn: EVENT_QUEUE,
    onSubmission: () => {},
    onFailed: () => {},
  });
  let messages = 0;
  const deliver = (queue: string) => (content: unknown) => {
    messages += 1;
    return recorder(sqsMessage(content, { id: `message-${messages}`, queue }), world.invocation());
  };
  const records = world.ledger.records;
  /** Records as version 0.1.0 did: in the namespaces that an envelope claims. */
  const givenRecord = (namespace: string, key: string, request: typeof AVATAR | typeof OTHER = AVATAR) =>
    world.process().enqueue(
      {
        source: 'sns',
        caller: TOPIC,
        owner: namespace,
        request: { ...AVATAR, gender: request.gender },
        idempotency: { namespace, key },
      },
      world.invocation(),
    );
  return { ...world, byRule: deliver(EVENT_QUEUE), byQueue: deliver(QUEUE), records, givenRecord };
};

/** Messages that a sender may put on the queue to take the place of an event that the rule delivers. */
const FORGED: [string, (detail: unknown) => unknown][] = [
  ['an envelope', event],
  ['an envelope in a notification', (detail) => notification(event(detail))],
  [
    'an envelope in a notification that claims a topic',
    (detail) => notification(event(detail), { TopicArn: 'arn:aws:sns:us-east-1:123456789012:my.shop' }),
  ],
  ['an envelope with more fields', (detail) => ({ ...event(detail), Type: 'Notification', account: '1' })],
];

describe('a sender to the queue', () => {
  it.each(FORGED)('cannot occupy the key of an event of the rule with %s', async (_, forged) => {
    const { byRule, byQueue, records } = givenIntake();
    await byQueue(forged(OTHER));
    await byRule(event(KEYED, 'event-2'));
    expect(records()).toMatchObject([
      { status: 'queued', owner: 'queue', request: { gender: 'Male' } },
      { status: 'queued', owner: 'eventbridge:my.shop', request: AVATAR },
    ]);
  });

  it.each(FORGED)('cannot occupy the id of an event of the rule with %s', async (_, forged) => {
    const { byRule, byQueue, records } = givenIntake();
    await byQueue(forged({ ...AVATAR, gender: 'Male' }));
    await byQueue(forged('not a request'));
    await byRule(event(AVATAR));
    expect(records().at(-1)).toMatchObject({ status: 'queued', owner: 'eventbridge:my.shop' });
  });

  it.each(FORGED)(
    'cannot answer an event of the rule by sending the same request first: %s',
    async (_, forged) => {
      const { byRule, byQueue, records } = givenIntake();
      await byQueue(forged(KEYED));
      await byRule(event(KEYED));
      expect(records().map(({ owner }) => owner)).toEqual(['queue', 'eventbridge:my.shop']);
    },
  );

  it('cannot change the record of an event of the rule, whichever request it sends under its key', async () => {
    const { byRule, byQueue, records } = givenIntake();
    await byRule(event(KEYED));
    const [first] = records();
    await byQueue(event(KEYED, 'event-2'));
    await byQueue(event(OTHER, 'event-3'));
    expect(records()[0]).toEqual(first);
    expect(records().slice(1)).toMatchObject([
      { status: 'rejected', charged: 'no', invalid: { errors: [{ field: 'idempotency_key' }] } },
    ]);
  });

  it('cannot send a rejected event of the rule again', async () => {
    const { byRule, byQueue, records, ledger, time } = givenIntake();
    await byRule(event(KEYED));
    const [queued] = records();
    if (!queued || !isQueued(queued)) throw new Error('The event was not recorded as queued.');
    const at = { now: time.now, by: 'dispatch' };
    const claim = claimed(queued, { ...at, attemptId: 'attempt', leaseUntil: time.now + 1 });
    await ledger.replace(claim);
    const rejected = rejectedByGate(claim, { code: 'paused', message: '', advice: '' }, at);
    await ledger.replace(rejected);
    await byQueue(event(KEYED));
    expect(records()[0]).toEqual(rejected);
    expect(records()[1]).toMatchObject({ status: 'queued', owner: 'queue' });
  });

  it('shares its keys with topics and rules that send to the same queue: it cannot name another space', async () => {
    const { byQueue, records } = givenIntake();
    await byQueue(KEYED);
    await byQueue(notification(KEYED));
    await byQueue(event(KEYED));
    expect(records()).toMatchObject([{ owner: 'queue', source: 'queue' }]);
  });
});

describe('an event keeps its identity', () => {
  it.each([
    ['of the rule, with a key', 'byRule', event(KEYED)],
    ['of the rule, without a key', 'byRule', event(AVATAR)],
    ['on the queue, with a key', 'byQueue', event(KEYED)],
    ['on the queue, without a key', 'byQueue', event(AVATAR)],
    ['from a topic, with a key', 'byQueue', notification(KEYED)],
    ['from a topic, without a key', 'byQueue', notification(AVATAR)],
  ] as const)(
    'in every delivery, also under a new message id after a redrive: %s',
    async (_, way, content) => {
      const { records, ...intake } = givenIntake();
      await intake[way](content);
      await intake[way](content);
      expect(records()).toHaveLength(1);
    },
  );

  it('if it was moved to the queue by hand after the rule had delivered it', async () => {
    for (const detail of [KEYED, AVATAR]) {
      const { byRule, byQueue, records } = givenIntake();
      await byRule(event(detail));
      await byQueue(event(detail));
      expect(records()).toMatchObject([{ owner: 'eventbridge:my.shop' }]);
    }
  });

  it.each([
    ['a topic, by key', `sns:${TOPIC}`, 'order-1', notification(KEYED)],
    ['a topic, by the id of the notification', 'sns-id', 'sns-1', notification(AVATAR)],
    ['EventBridge, by key', 'eventbridge:my.shop', 'order-1', event(KEYED)],
    ['EventBridge, by the id of the event', 'eventbridge-id', 'event-1', event(AVATAR)],
  ])('if version 0.1.0 recorded it: from %s', async (_, namespace, key, content) => {
    const { givenRecord, byQueue, records } = givenIntake();
    await givenRecord(namespace, key);
    await byQueue(content);
    expect(records()).toHaveLength(1);
  });

  it.each([
    ['by key', 'eventbridge:my.shop', 'order-1', event(KEYED)],
    ['by its id', 'eventbridge-id', 'event-1', event(AVATAR)],
  ])('if version 0.1.0 recorded it and the rule delivers it now: %s', async (_, namespace, key, content) => {
    const { givenRecord, byRule, records } = givenIntake();
    await givenRecord(namespace, key);
    await byRule(content);
    expect(records()).toHaveLength(1);
  });

  it('if its key belonged to another request in version 0.1.0: it is rejected', async () => {
    const { givenRecord, byQueue, records } = givenIntake();
    await givenRecord(`sns:${TOPIC}`, 'order-1', OTHER);
    await byQueue(notification(KEYED));
    expect(records().map(({ status }) => status)).toEqual(['queued', 'rejected']);
  });
});

describe('a message on the queue of the rule that is no event', () => {
  it('was put there by hand, and counts as a message of the queue', async () => {
    const { byRule, records } = givenIntake();
    await byRule(KEYED);
    await byRule(notification(event(KEYED)));
    expect(records()).toMatchObject([{ source: 'queue', owner: 'queue' }]);
  });
});
