import { callApi, chargesOf, invoke, outputOf, REQUEST, recordsOf, type World, waitFor } from '../world.ts';
import { submittedRecord } from './events.ts';
import { assumeRole, callInRoles } from './roles.ts';

/** Uses the examples of docs/triggers.md. */
export const useExamples = async (world: World): Promise<void> => {
  await callAsRoles(world);
  await callInRoles(world);
  await upload(world);
  await publish(world);
  await runWorkflow(world);
};

const callAsRoles = async (world: World): Promise<void> => {
  const { report } = world;
  report.section('Roles with and without permissions');
  const assume = (output: string) => assumeRole(world, output);
  const caller = await assume('CallerRoleArn');
  const dryRun = await callApi(world, caller, 'POST', '/photo-avatars?dry_run=true', REQUEST);
  report.check('grantInvoke: the role may call the HTTP API', dryRun.status === 200);
  const other = await assume('OtherRoleArn');
  const rejected = await callApi(world, other, 'POST', '/photo-avatars?dry_run=true', REQUEST);
  report.check('a role without it receives 403', rejected.status === 403);
  const shop = await assume('ShopRoleArn');
  const record = await invoke(shop, outputOf(world, 'ApiFunctionName'), REQUEST);
  report.check('grantDirectInvoke: the role may invoke the function', record.json?.status === 'generating');
  await shop.json('sqs', 'SendMessage', {
    QueueUrl: outputOf(world, 'QueueUrl'),
    MessageBody: JSON.stringify({ ...REQUEST, appearance: 'From the shop' }),
  });
  const sent = await submittedRecord(world, 'From the shop');
  report.check('grantRequest: the role may send to the queue', sent?.source === 'queue');
};

const upload = async (world: World): Promise<void> => {
  const { report, aws } = world;
  report.section('An image is uploaded to the bucket of the documented rule');
  const before = chargesOf(world);
  await aws.rest({
    service: 's3',
    method: 'PUT',
    path: `/${outputOf(world, 'UploadsBucket')}/me.jpg`,
    headers: { 'content-type': 'image/jpeg', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    body: 'an image',
  });
  const record = await waitFor(async () =>
    (await recordsOf(world)).find(
      ({ request, charged }: { request?: { image_url?: string }; charged: string }) =>
        request?.image_url?.startsWith('https://images.example.com/') && charged === 'yes',
    ),
  );
  report.check(
    'its photo avatar is requested',
    record?.request.image_url === 'https://images.example.com/me.jpg',
  );
  report.check('one call was charged', chargesOf(world) === before + 1);
};

const publish = async (world: World): Promise<void> => {
  const { report, aws } = world;
  report.section('A request is published to the documented topic');
  const TopicArn = outputOf(world, 'TopicArn');
  const Message = JSON.stringify({ ...REQUEST, appearance: 'From the topic' });
  await aws.query('sns', 'Publish', { TopicArn, Message });
  const record = await submittedRecord(world, 'From the topic');
  report.check('it is recorded with the topic as its caller', record?.caller === TopicArn);
};

const runWorkflow = async (world: World): Promise<void> => {
  const { report, aws } = world;
  report.section('The documented Step Functions workflow');
  const run = async (input: object) => {
    const stateMachineArn = outputOf(world, 'WorkflowArn');
    const started = await aws.json('states', 'StartExecution', {
      stateMachineArn,
      input: JSON.stringify(input),
    });
    return waitFor(async () => {
      const execution = await aws.json('states', 'DescribeExecution', { executionArn: started.executionArn });
      return execution.status === 'RUNNING' ? undefined : execution;
    });
  };
  const before = chargesOf(world);
  const good = await run({ gender: 'Female' });
  report.check('the execution succeeds', good?.status === 'SUCCEEDED');
  report.check(
    'its output is the record',
    good?.output !== undefined && JSON.parse(good.output).status === 'generating',
  );
  const bad = await run({ gender: 'female' });
  if (bad?.error === 'CheckTheLedger') {
    report.limitation(
      'MiniStack does not pass error names to Step Functions: only the Catch for all errors was verified.',
    );
  } else {
    report.check('an invalid request ends in the state of its Catch', bad?.error === 'CorrectTheRequest');
  }
  report.check('one call was charged', chargesOf(world) === before + 1);
};
