import { elementOf } from '../aws.ts';
import { callApi, chargesOf, invoke, outputOf, REQUEST, recordsOf, until, type World } from '../world.ts';
import { arrived } from './events.ts';

/** What docs/triggers.md shows, used. */
export const useExamples = async (world: World): Promise<void> => {
  await askByRole(world);
  await upload(world);
  await publish(world);
  await runWorkflow(world);
};

const askByRole = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('Roles that were given leave, and one that was not');
  const assume = async (output: string) => {
    const input = { RoleArn: outputOf(world, output), RoleSessionName: 'end-to-end' };
    const xml = await aws.query('sts', 'AssumeRole', input);
    return world.as({
      accessKeyId: elementOf(xml, 'AccessKeyId'),
      secretAccessKey: elementOf(xml, 'SecretAccessKey'),
      sessionToken: elementOf(xml, 'SessionToken'),
    });
  };
  const caller = await assume('CallerRoleArn');
  const dryRun = await callApi(world, caller, 'POST', '/photo-avatars?dry_run=true', REQUEST);
  teller.check('grantInvoke: the HTTP API serves the role', dryRun.status === 200);
  const stranger = await assume('StrangerRoleArn');
  const refused = await callApi(world, stranger, 'POST', '/photo-avatars?dry_run=true', REQUEST);
  teller.check('403 for a role without it', refused.status === 403);
  const shop = await assume('ShopRoleArn');
  const record = await invoke(shop, outputOf(world, 'ApiFunctionName'), REQUEST);
  teller.check('grantDirectInvoke: the function serves the role', record.json?.status === 'generating');
  await shop.json('sqs', 'SendMessage', {
    QueueUrl: outputOf(world, 'QueueUrl'),
    MessageBody: JSON.stringify({ ...REQUEST, appearance: 'From the shop' }),
  });
  const sent = await arrived(world, 'From the shop');
  teller.check('grantRequest: the role may send to the queue', sent?.source === 'queue');
};

const upload = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('A picture is uploaded to the bucket of the documented rule');
  const before = chargesOf(world);
  await aws.rest({
    service: 's3',
    method: 'PUT',
    path: `/${outputOf(world, 'UploadsBucket')}/me.jpg`,
    headers: { 'content-type': 'image/jpeg', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    body: 'a picture',
  });
  const record = await until(async () =>
    (await recordsOf(world)).find(
      ({ request, charged }: { request?: { image_url?: string }; charged: string }) =>
        request?.image_url?.startsWith('https://pictures.example.com/') && charged === 'yes',
    ),
  );
  teller.check('it is asked for', record?.request.image_url === 'https://pictures.example.com/me.jpg');
  teller.check('one call was charged', chargesOf(world) === before + 1);
};

const publish = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('A request is published to the documented topic');
  const TopicArn = outputOf(world, 'TopicArn');
  const Message = JSON.stringify({ ...REQUEST, appearance: 'From the topic' });
  await aws.query('sns', 'Publish', { TopicArn, Message });
  const record = await arrived(world, 'From the topic');
  teller.check('it is asked for, and the topic is the caller', record?.caller === TopicArn);
};

const runWorkflow = async (world: World): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('The documented Step Functions workflow');
  const run = async (input: object) => {
    const stateMachineArn = outputOf(world, 'WorkflowArn');
    const started = await aws.json('states', 'StartExecution', {
      stateMachineArn,
      input: JSON.stringify(input),
    });
    return until(async () => {
      const execution = await aws.json('states', 'DescribeExecution', { executionArn: started.executionArn });
      return execution.status === 'RUNNING' ? undefined : execution;
    });
  };
  const before = chargesOf(world);
  const good = await run({ gender: 'Female' });
  teller.check('it ends well', good?.status === 'SUCCEEDED');
  teller.check(
    'with the record',
    good?.output !== undefined && JSON.parse(good.output).status === 'generating',
  );
  const bad = await run({ gender: 'female' });
  if (bad?.error === 'LookIntoTheLedger') {
    teller.remark(
      'MiniStack does not pass on the names of errors: only the Catch of all errors was seen to work.',
    );
  } else {
    teller.check("an invalid request ends in its Catch's state", bad?.error === 'CorrectTheRequest');
  }
  teller.check('one call was charged', chargesOf(world) === before + 1);
};
