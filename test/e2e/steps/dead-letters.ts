import { chargesOf, functionOf, outputOf, REQUEST, recordsOf, type World, waitFor } from '../world.ts';
import { sendToQueue, submittedRecord } from './events.ts';

const POLICY_NAME = 'ledger-unavailable';

const DENIAL = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'dynamodb:*', Resource: '*' }],
};

const APPEARANCES = ['Dead letter, first', 'Dead letter, second'] as const;

/** Messages that cannot be recorded while the ledger is unavailable, and their redrive. */
export const deadLetterAndRedrive = async (world: World): Promise<void> => {
  const { report, aws } = world;
  report.section('Messages that cannot be recorded: intake has no access to the ledger');
  const queueUrl = outputOf(world, 'QueueUrl');
  const deadLettersUrl = outputOf(world, 'DeadLetterQueueUrl');
  const { Role } = await functionOf(world, outputOf(world, 'IntakeFunctionName'));
  const role = { RoleName: Role.split('/').at(-1), PolicyName: POLICY_NAME };
  const { Attributes: deployed } = await aws.json('sqs', 'GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: ['VisibilityTimeout'],
  });
  const setVisibilityTimeout = (seconds: string) =>
    aws.json('sqs', 'SetQueueAttributes', { QueueUrl: queueUrl, Attributes: { VisibilityTimeout: seconds } });
  const before = chargesOf(world);

  await aws.query('iam', 'PutRolePolicy', { ...role, PolicyDocument: JSON.stringify(DENIAL) });
  report.limitation(
    'The visibility timeout is one second here, not six minutes, to reach five deliveries sooner.',
  );
  await setVisibilityTimeout('1');
  for (const appearance of APPEARANCES) {
    await sendToQueue(world, { ...REQUEST, appearance, idempotency_key: appearance });
  }
  const isDeadLettered = await waitFor(async () => {
    const { Attributes } = await aws.json('sqs', 'GetQueueAttributes', {
      QueueUrl: deadLettersUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    return Attributes.ApproximateNumberOfMessages === String(APPEARANCES.length) || undefined;
  });
  report.check('after five deliveries both are in the dead-letter queue', isDeadLettered === true);
  const isRecorded = (await recordsOf(world)).some(({ request }: { request?: { appearance?: string } }) =>
    APPEARANCES.some((appearance) => appearance === request?.appearance),
  );
  report.check('none is recorded, and nothing was charged', !isRecorded && chargesOf(world) === before);

  report.section('Access to the ledger is restored, and the dead-letter queue is redriven');
  await aws.query('iam', 'DeleteRolePolicy', role);
  await setVisibilityTimeout(deployed.VisibilityTimeout);
  await redrive(world, deadLettersUrl, queueUrl);
  const records = await Promise.all(APPEARANCES.map((appearance) => submittedRecord(world, appearance)));
  report.check('both are recorded and submitted to JoggAI', records.every(Boolean));
  report.check('each was charged once', chargesOf(world) === before + APPEARANCES.length);
};

/** Does what the RedriveCommand output of the stack does. */
const redrive = async ({ report, aws, ...world }: World, from: string, to: string): Promise<void> => {
  const command = outputOf(world, 'RedriveCommand');
  const [, SourceArn, DestinationArn] = /--source-arn (\S+) --destination-arn (\S+)/.exec(command) ?? [];
  try {
    await aws.json('sqs', 'StartMessageMoveTask', { SourceArn, DestinationArn });
    return;
  } catch (error) {
    if (!(error instanceof Error) || !/UnknownOperation|InvalidAction/.test(error.message)) throw error;
  }
  report.limitation(
    'MiniStack does not support StartMessageMoveTask: this test moves the messages one by one.',
  );
  const { Messages } = await aws.json('sqs', 'ReceiveMessage', { QueueUrl: from, MaxNumberOfMessages: 10 });
  for (const { Body, ReceiptHandle } of Messages) {
    await aws.json('sqs', 'SendMessage', { QueueUrl: to, MessageBody: Body });
    await aws.json('sqs', 'DeleteMessage', { QueueUrl: from, ReceiptHandle });
  }
};
