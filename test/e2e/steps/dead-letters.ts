import { chargesOf, functionOf, outputOf, REQUEST, recordsOf, until, type World } from '../world.ts';
import { arrived, sendToQueue } from './events.ts';

const POLICY_NAME = 'ledger-out-of-reach';

const DENIAL = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'dynamodb:*', Resource: '*' }],
};

const APPEARANCES = ['Set aside, first', 'Set aside, second'] as const;

/** Messages that nobody can record while the ledger is out of reach, and what becomes of them. */
export const setAsideAndRedrive = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('A batch that cannot be recorded: the ledger is out of reach of intake');
  const queueUrl = outputOf(world, 'QueueUrl');
  const deadLettersUrl = outputOf(world, 'DeadLetterQueueUrl');
  const { Role } = await functionOf(world, outputOf(world, 'IntakeFunctionName'));
  const role = { RoleName: Role.split('/').at(-1), PolicyName: POLICY_NAME };
  const { Attributes: deployed } = await aws.json('sqs', 'GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: ['VisibilityTimeout'],
  });
  const hideFor = (seconds: string) =>
    aws.json('sqs', 'SetQueueAttributes', { QueueUrl: queueUrl, Attributes: { VisibilityTimeout: seconds } });
  const before = chargesOf(world);

  await aws.query('iam', 'PutRolePolicy', { ...role, PolicyDocument: JSON.stringify(DENIAL) });
  teller.remark(
    'The queue hides a message for a second here, not for six minutes, to have five deliveries soon.',
  );
  await hideFor('1');
  for (const appearance of APPEARANCES) {
    await sendToQueue(world, { ...REQUEST, appearance, idempotency_key: appearance });
  }
  const setAside = await until(async () => {
    const { Attributes } = await aws.json('sqs', 'GetQueueAttributes', {
      QueueUrl: deadLettersUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    return Attributes.ApproximateNumberOfMessages === String(APPEARANCES.length) || undefined;
  });
  teller.check('after five deliveries they are in the dead-letter queue', setAside === true);
  const isRecorded = (await recordsOf(world)).some(({ request }: { request?: { appearance?: string } }) =>
    APPEARANCES.some((appearance) => appearance === request?.appearance),
  );
  teller.check('none is in the ledger, and nothing was charged', !isRecorded && chargesOf(world) === before);

  teller.chapter('The ledger is back, and they are redriven');
  await aws.query('iam', 'DeleteRolePolicy', role);
  await hideFor(deployed.VisibilityTimeout);
  await redrive(world, deadLettersUrl, queueUrl);
  const records = await Promise.all(APPEARANCES.map((appearance) => arrived(world, appearance)));
  teller.check('both are recorded and with JoggAI', records.every(Boolean));
  teller.check('each was charged once', chargesOf(world) === before + APPEARANCES.length);
};

/** What the stack's RedriveCommand does. */
const redrive = async ({ teller, aws, ...world }: World, from: string, to: string): Promise<void> => {
  const command = outputOf(world, 'RedriveCommand');
  const [, SourceArn, DestinationArn] = /--source-arn (\S+) --destination-arn (\S+)/.exec(command) ?? [];
  try {
    await aws.json('sqs', 'StartMessageMoveTask', { SourceArn, DestinationArn });
    return;
  } catch (error) {
    if (!(error instanceof Error) || !/UnknownOperation|InvalidAction/.test(error.message)) throw error;
  }
  teller.remark('MiniStack has no StartMessageMoveTask: the messages are moved one by one, as it would.');
  const { Messages } = await aws.json('sqs', 'ReceiveMessage', { QueueUrl: from, MaxNumberOfMessages: 10 });
  for (const { Body, ReceiptHandle } of Messages) {
    await aws.json('sqs', 'SendMessage', { QueueUrl: to, MessageBody: Body });
    await aws.json('sqs', 'DeleteMessage', { QueueUrl: from, ReceiptHandle });
  }
};
