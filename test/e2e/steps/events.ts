import { chargesOf, outputOf, REQUEST, recordsOf, until, type World } from '../world.ts';

/** The record of a request that came in with this appearance, once JoggAI took it. */
export const arrived = (world: World, appearance: string) =>
  until(async () => {
    const records = await recordsOf(world);
    return records.find(
      ({ request, charged }: { request?: { appearance?: string }; charged: string }) =>
        request?.appearance === appearance && charged === 'yes',
    );
  });

export const sendToQueue = async (world: World, message: object): Promise<void> => {
  await world.aws.json('sqs', 'SendMessage', {
    QueueUrl: outputOf(world, 'QueueUrl'),
    MessageBody: JSON.stringify(message),
  });
};

export const useQueueAndBus = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('A message to the queue');
  const before = chargesOf(world);
  const message = { ...REQUEST, appearance: 'From the queue', idempotency_key: 'queue-1' };
  await sendToQueue(world, message);
  const queued = await arrived(world, 'From the queue');
  teller.check('it is recorded and with JoggAI', queued?.source === 'queue');
  await sendToQueue(world, message);
  // Sent behind the second one: when it is through, so is that.
  await sendToQueue(world, { ...message, appearance: 'From the queue, later', idempotency_key: 'queue-2' });
  await arrived(world, 'From the queue, later');
  teller.check('sent again under its key, it is charged once', chargesOf(world) === before + 2);

  teller.chapter('An event to the bus');
  const { FailedEntryCount } = await aws.json('events', 'PutEvents', {
    Entries: [
      {
        Source: 'my.shop',
        DetailType: 'Photo Avatar Requested',
        Detail: JSON.stringify({ ...REQUEST, appearance: 'From the bus' }),
      },
    ],
  });
  teller.check('the bus takes it', FailedEntryCount === 0);
  const event = await arrived(world, 'From the bus');
  teller.check('its source is recorded as the caller', event?.caller === 'my.shop');
  teller.check('one more call was charged', chargesOf(world) === before + 3);
};
