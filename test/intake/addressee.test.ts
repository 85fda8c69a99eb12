import { describe, expect, it } from 'vitest';
import { readKeyedRequest } from '../../lambda/domain/request/keyed-request.ts';
import { createMessageRecorder } from '../../lambda/intake/record-message.ts';
import { EVENT_QUEUE, QUEUE, SERVICE, sqsMessage } from '../support/messages.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld } from '../support/submission-world.ts';

const eventOf = (detail: unknown) => ({
  id: 'event-1',
  source: 'my.shop',
  'detail-type': 'Photo Avatar Requested',
  detail,
});

const notificationOf = (message: unknown) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: 'arn:aws:sns:us-east-1:123456789012:avatars',
  Message: JSON.stringify(message),
});

const recordsOf = async (content: unknown, queue = QUEUE) => {
  const world = createWorld();
  const record = createMessageRecorder({
    submitter: world.process(),
    serviceName: SERVICE,
    eventQueueArn: EVENT_QUEUE,
    onSubmission: () => {},
    onFailed: () => {},
  });
  await record(sqsMessage(content, { queue }), world.invocation());
  return world.ledger.records();
};

const WAYS: [string, (request: object) => unknown, string][] = [
  ['a message of the queue', (request) => request, QUEUE],
  ['an SNS notification', notificationOf, QUEUE],
  ['an EventBridge event on the queue', eventOf, QUEUE],
  ['an event of the rule', eventOf, EVENT_QUEUE],
];

describe.each(WAYS)('%s', (_, wrapped, queue) => {
  it('that names this service is recorded, and the name is no field of the request', async () => {
    const records = await recordsOf(wrapped({ ...AVATAR, service: SERVICE }), queue);
    expect(records).toMatchObject([{ status: 'queued', request: AVATAR }]);
    expect(records[0]?.request).toEqual(AVATAR);
  });

  it('that names another service is rejected with an error of that field, and is never paid for', async () => {
    const content = wrapped({ ...AVATAR, service: 'Other-PhotoAvatars', idempotency_key: 'order-1' });
    expect(await recordsOf(content, queue)).toMatchObject([
      {
        status: 'rejected',
        charged: 'no',
        attempts: 0,
        invalid: {
          body: JSON.stringify(content),
          errors: [{ field: 'service', message: expect.stringContaining(`"${SERVICE}"`) }],
        },
      },
    ]);
  });
});

describe('the service that an event names', () => {
  it.each([[null], [''], [7], [{}], [[SERVICE, 'Other-PhotoAvatars']], [`${SERVICE} `]])(
    'must be its exact name: %j is rejected, together with the other errors',
    async (service) => {
      const [record] = await recordsOf({ ...AVATAR, service, age: 'Old' });
      expect(record?.status).toBe('rejected');
      expect(record?.invalid?.errors.map(({ field }) => field).sort()).toEqual(['age', 'service']);
    },
  );

  it('is an unknown field where the caller chooses the service by its address', () => {
    expect(readKeyedRequest({ ...AVATAR, service: SERVICE })).toMatchObject({
      kind: 'invalid',
      errors: [{ field: 'service', message: expect.stringContaining('is not a field of this request') }],
    });
  });
});
