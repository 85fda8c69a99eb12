import { eventsOf } from '../aws.ts';
import type { Released } from '../released-package.ts';
import type { Settings, Toolkit } from '../toolkit.ts';
import { callApi, chargesOf, invoke, outputOf, REQUEST, recordOf, type World, waitFor } from '../world.ts';
import { endProtection } from './destruction.ts';
import { recordWith, sendToQueue, submittedRecord } from './events.ts';

/** The same key of JoggAI for another stage. */
const copyApiKey = async ({ aws, ...from }: World, to: World): Promise<void> => {
  const { SecretString } = await aws.json('secretsmanager', 'GetSecretValue', {
    SecretId: outputOf(from, 'ApiKeySecret'),
  });
  await aws.json('secretsmanager', 'PutSecretValue', {
    SecretId: outputOf(to, 'ApiKeySecret'),
    SecretString,
    ClientRequestToken: crypto.randomUUID(),
  });
};

/** Lets the first deployment of a stage fail, and follows docs/recovery.md until it can be deployed again. */
const failFirst = async (world: World, settings: Settings, toolkit: Toolkit): Promise<void> => {
  const { report, aws } = world;
  report.section('The first deployment of a second stage fails');
  const failed = await toolkit.deploy({ ...settings, 'e2e:failure': 'true' }).then(
    () => false,
    () => true,
  );
  report.check('cdk deploy fails', failed);
  const stack = { StackName: `PhotoAvatars-${settings.stage}` };
  const described = await aws.query('cloudformation', 'DescribeStacks', stack);
  report.check(
    'the stack is rolled back, and still protected',
    described.includes('<StackStatus>ROLLBACK_COMPLETE<') &&
      described.includes('<EnableTerminationProtection>true<'),
  );
  const events = await eventsOf(aws, stack.StackName);
  const inStatus = (status: string) => events.filter(({ ResourceStatus }) => ResourceStatus === status);
  const created = inStatus('CREATE_COMPLETE');
  const kept = inStatus('DELETE_SKIPPED');
  report.check(
    `of ${created.length} resources it keeps only the table`,
    inStatus('DELETE_COMPLETE').length >= created.length - 1 &&
      created.length > 50 &&
      kept.map(({ ResourceType }) => ResourceType).join() === 'AWS::DynamoDB::Table',
  );
  for (const { PhysicalResourceId: TableName } of kept) {
    await aws.json('dynamodb', 'UpdateTable', { TableName, DeletionProtectionEnabled: false });
    await aws.json('dynamodb', 'DeleteTable', { TableName });
  }
  await endProtection({ aws, settings });
};

/** What a deployment has before an upgrade: a result with its pictures, and a request that waits. */
const useBefore = async (old: World) => {
  const { aws, simulator } = old;
  const { generation } = simulator.control.state().settings;
  simulator.control.configure({ generation: { durationMs: 0 } });
  const headers = { 'idempotency-key': 'before-upgrade' };
  const { json: created } = await callApi(old, aws, 'POST', '/photo-avatars', REQUEST, headers);
  const finished = await waitFor(async () => {
    await invoke(aws, outputOf(old, 'DispatchFunctionName'), {});
    const record = await recordOf(old, created.id);
    const { images = [] } = record;
    return images.length > 0 && images.every(({ copy }: { copy?: object }) => copy) ? record : undefined;
  });
  simulator.control.configure({ generation });
  await callApi(old, aws, 'PATCH', '/account', { paused: true });
  const message = { ...REQUEST, appearance: 'Before the upgrade', idempotency_key: 'waiting' };
  await sendToQueue(old, message);
  const waiting = await waitFor(() => recordWith(old, message.appearance));
  return { finished, waiting, message, headers };
};

/** Deploys this version over the one before. */
const upgrade = async (old: World, toolkit: Toolkit): Promise<World> => {
  const { report, aws } = old;
  const { finished, waiting, message, headers } = await useBefore(old);
  report.check('before, it has a result and a queued request', finished && waiting?.status === 'queued');
  const before = chargesOf(old);
  const upgraded: World = { ...old, deployed: await toolkit.deploy(old.settings) };
  for (const name of ['ApiUrl', 'TableName', 'ImageBucketName', 'QueueUrl', 'ApiKeySecret', 'ServiceName'])
    report.check(`${name} is that of before`, outputOf(upgraded, name) === outputOf(old, name));

  const record = await recordOf(upgraded, finished.id);
  const keysOf = ({ images }: { images: { copy: { key: string } }[] }) => images.map(({ copy }) => copy.key);
  report.check(
    'the record is there, with its pictures',
    record.photo_id === finished.photo_id && `${keysOf(record)}` === `${keysOf(finished)}`,
  );
  const again = await callApi(upgraded, aws, 'POST', '/photo-avatars', REQUEST, headers);
  report.check(
    'its Idempotency-Key returns it, without a charge',
    again.status === 200 && again.json.id === record.id && chargesOf(upgraded) === before,
  );
  const { json: account } = await callApi(upgraded, aws, 'GET', '/account');
  report.check('the service is still paused', account.state === 'paused');
  await sendToQueue(upgraded, message);
  await callApi(upgraded, aws, 'PATCH', '/account', { paused: false });
  // Sent after the repeated message: once this one is submitted, the repeated one was handled.
  await sendToQueue(upgraded, { ...message, appearance: 'After the upgrade', idempotency_key: 'later' });
  await submittedRecord(upgraded, 'After the upgrade');
  const submitted = await submittedRecord(upgraded, message.appearance);
  report.check(
    'the queued request is submitted once, although its message came again',
    submitted?.id === waiting?.id && chargesOf(upgraded) === before + 2,
  );
  return upgraded;
};

/** Deploys a second stage: a first deployment that fails, then the last released version, then this one over it. */
export const deploySecondStage = async (
  world: World,
  toolkitOf: (stage: string, app?: string) => Toolkit,
  stage: string,
  released: Released,
): Promise<World> => {
  const settings = { ...world.settings, stage };
  const toolkit = toolkitOf(stage);
  await failFirst(world, settings, toolkit);
  if (released.kind === 'missing') {
    world.report.limitation(released.reason);
    const second = { ...world, settings, deployed: await toolkit.deploy(settings) };
    await copyApiKey(world, second);
    return second;
  }
  world.report.section(`An upgrade of the second stage from ${released.name} to this version`);
  const deployed = await toolkitOf(stage, released.app).deploy(settings);
  const old = { ...world, settings, deployed };
  await copyApiKey(world, old);
  return upgrade(old, toolkit);
};
