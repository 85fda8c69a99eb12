import { chargesOf, outputOf, REQUEST, recordsOf, type World, waitFor } from '../world.ts';

/** Every record with this appearance. */
const recordsWith = async (world: World, appearance: string) =>
  (await recordsOf(world)).filter(
    ({ request }: { request?: { appearance?: string } }) => request?.appearance === appearance,
  );

/** The record with this appearance; `undefined` if there is none. */
export const recordWith = async (world: World, appearance: string) =>
  (await recordsWith(world, appearance))[0];

/** Waits for the record with this appearance until JoggAI has accepted it. */
export const submittedRecord = (world: World, appearance: string) =>
  waitFor(async () => {
    const records = await recordsWith(world, appearance);
    return records.find(({ charged }: { charged: string }) => charged === 'yes');
  });

export const sendToQueue = async (world: World, message: object): Promise<void> => {
  await world.aws.json('sqs', 'SendMessage', {
    QueueUrl: outputOf(world, 'QueueUrl'),
    MessageBody: JSON.stringify(message),
  });
};

/** Puts an event with this request on the default bus. @returns whether the bus accepted it */
export const sendToBus = async ({ aws }: World, request: object): Promise<boolean> => {
  const { FailedEntryCount } = await aws.json('events', 'PutEvents', {
    Entries: [{ Source: 'my.shop', DetailType: 'Photo Avatar Requested', Detail: JSON.stringify(request) }],
  });
  return FailedEntryCount === 0;
};

export const useQueueAndBus = async (world: World): Promise<void> => {
  const { report } = world;
  report.section('A message to the queue');
  const before = chargesOf(world);
  const message = { ...REQUEST, appearance: 'From the queue', idempotency_key: 'queue-1' };
  await sendToQueue(world, message);
  const queued = await submittedRecord(world, 'From the queue');
  report.check('it is recorded and submitted to JoggAI', queued?.source === 'queue');
  await sendToQueue(world, message);
  // Sent after the repeated message: once this one is submitted, the repeated one was handled.
  await sendToQueue(world, { ...message, appearance: 'From the queue, later', idempotency_key: 'queue-2' });
  await submittedRecord(world, 'From the queue, later');
  report.check('repeated under its key, it is charged once', chargesOf(world) === before + 2);

  report.section('An event to the bus');
  report.check('the bus accepts it', await sendToBus(world, { ...REQUEST, appearance: 'From the bus' }));
  const event = await submittedRecord(world, 'From the bus');
  report.check('its source is recorded as the caller', event?.caller === 'my.shop');
  report.check('one more call was charged', chargesOf(world) === before + 3);
};
