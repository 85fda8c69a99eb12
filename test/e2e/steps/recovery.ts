import { type ListedResource, mapKept } from '../../support/recovery-guide.ts';
import { eventsOf } from '../aws.ts';
import type { Toolkit } from '../toolkit.ts';
import { callApi, chargesOf, invoke, outputOf, REQUEST, recordOf, type World, waitFor } from '../world.ts';
import { sendToQueue, submittedRecord } from './events.ts';

/** What a deleted stack kept. */
const keptBy = async ({ report, aws }: World, stackId: string): Promise<ListedResource[]> => {
  report.limitation('MiniStack does not list the resources of a deleted stack: this run reads its events.');
  return eventsOf(aws, stackId);
};

/** Follows docs/recovery.md after a deletion. @returns the world of the new stack */
export const comeBack = async (
  world: World,
  toolkit: Toolkit,
  stackId: string,
  recordId: string,
): Promise<World> => {
  const { report, aws, simulator } = world;
  report.section('After the deletion: cdk import of what was kept, and cdk deploy');
  const kept = await keptBy(world, stackId);
  report.limitation('MiniStack cannot import a secret: this run names the kept one in apiKeySecret.');
  const importable = kept.filter(({ ResourceType }) => ResourceType !== 'AWS::SecretsManager::Secret');
  const settings = { ...world.settings, apiKeySecret: outputOf(world, 'ApiKeySecret') };
  await toolkit.import(settings, mapKept(importable));
  const back: World = { ...world, settings, deployed: await toolkit.deploy(settings) };
  for (const name of ['TableName', 'ImageBucketName', 'QueueUrl', 'DeadLetterQueueUrl'])
    report.check(`${name} is that of before`, outputOf(back, name) === outputOf(world, name));
  report.check('ApiUrl is a new one', outputOf(back, 'ApiUrl') !== outputOf(world, 'ApiUrl'));

  const record = await recordOf(back, recordId);
  report.check('a record of before is there under its id', record.id === recordId);
  const before = chargesOf(back);
  const again = await callApi(back, aws, 'POST', '/photo-avatars', REQUEST, {
    'idempotency-key': 'order-4711',
  });
  report.check(
    'its Idempotency-Key returns it, without a charge',
    again.status === 200 && again.json.id === recordId && chargesOf(back) === before,
  );

  const { generation } = simulator.control.state().settings;
  simulator.control.configure({ generation: { durationMs: 0 } });
  await sendToQueue(back, { ...REQUEST, appearance: 'After the deletion' });
  const accepted = await submittedRecord(back, 'After the deletion');
  report.check('queue and key work: a message is submitted to JoggAI', chargesOf(back) === before + 1);
  const images = await waitFor(async () => {
    await invoke(aws, outputOf(back, 'DispatchFunctionName'), {});
    const { images = [] } = await recordOf(back, accepted.id);
    return images.length > 0 && images.every(({ copy }: { copy?: object }) => copy) ? images : undefined;
  });
  const image = await aws.send({
    service: 's3',
    method: 'HEAD',
    path: `/${outputOf(world, 'ImageBucketName')}/${images?.[0].copy.key}`,
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  report.check('the bucket works: its images are copied into it', image.status === 200);
  simulator.control.configure({ generation });
  return back;
};

/** Queues a request and restores the ledger to a time at which it is queued. @returns the table and the id */
const restoreWhileQueued = async (world: World): Promise<{ table: string; id: string }> => {
  const { aws } = world;
  // Dispatch, which runs every minute, may be faster: then the next request is tried.
  for (let attempt = 1; ; attempt += 1) {
    const table = `restored-ledger-${attempt}`;
    const headers = { prefer: 'respond-async' };
    const { json } = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, headers);
    const tables = { SourceTableName: outputOf(world, 'TableName'), TargetTableName: table };
    await aws.json('dynamodb', 'RestoreTableToPointInTime', { ...tables, UseLatestRestorableTime: true });
    const { Item } = await aws.json('dynamodb', 'GetItem', {
      TableName: table,
      Key: { id: { S: json.id } },
      ConsistentRead: true,
    });
    if (Item.status.S === 'queued') return { table, id: json.id };
  }
};

/** Follows docs/recovery.md with a restored ledger. */
export const restoreLedger = async (world: World, toolkit: Toolkit): Promise<void> => {
  const { report, aws } = world;
  report.section('The ledger is restored into another table while a request is queued');
  report.limitation('MiniStack restores the table as it is now, not as it was at an earlier time.');
  const { table, id } = await restoreWhileQueued(world);
  const own = outputOf(world, 'TableName');
  const pause = (paused: boolean) => callApi(restored, aws, 'PATCH', '/account', { paused });
  let restored = world;
  await pause(true);
  const settings = { ...world.settings, ledgerTableName: table };
  restored = { ...world, settings, deployed: await toolkit.deploy(settings) };
  report.check('the URL is the same', outputOf(restored, 'ApiUrl') === outputOf(world, 'ApiUrl'));
  report.check('the ledger is the restored table', outputOf(restored, 'TableName') === table);

  const dispatch = () => invoke(aws, outputOf(restored, 'DispatchFunctionName'), {});
  await dispatch();
  const { json: account } = await callApi(restored, aws, 'GET', '/account');
  report.print(`${account.state} by ${account.paused_by}`);
  report.check(
    'the service is paused, because the ledger was restored',
    account.state === 'paused' && account.paused_by.endsWith(`restored from table ${own}`),
  );
  const rejected = await callApi(restored, aws, 'POST', '/photo-avatars', REQUEST);
  report.check(
    'a caller receives 503 with the problem paused',
    rejected.status === 503 && rejected.json?.type === 'urn:photo-avatars:problem:paused',
  );
  const waiting = await recordOf(restored, id);
  report.check(
    'dispatch does not submit the queued request',
    waiting.status === 'queued' && waiting.attempts === 0,
  );

  report.section('A person resumes, and the restored table becomes the own one of the stack');
  const before = chargesOf(world);
  await pause(false);
  await dispatch();
  await dispatch();
  const submitted = await recordOf(restored, id);
  report.check(
    'the request is submitted once',
    submitted.charged === 'yes' && submitted.attempts === 1 && chargesOf(world) === before + 1,
  );
  const { template } = world.deployed;
  const [logicalId = ''] =
    Object.entries(template.Resources).find(([, { Type }]) => Type === 'AWS::DynamoDB::Table') ?? [];
  // Another limit changes the function: without a change, the version that `adaptation.ts` adds cannot be created.
  const withoutTable = { ...world.settings, dailyCallLimit: '901' };
  await toolkit.import(withoutTable, { [logicalId]: { TableName: table } }, '--force');
  restored = { ...world, settings: withoutTable, deployed: await toolkit.deploy(withoutTable) };
  const { json: adopted } = await callApi(restored, aws, 'GET', '/account');
  report.check(
    'without the setting, the ledger is still the restored table, and it is not paused again',
    outputOf(restored, 'TableName') === table && adopted.state === 'open',
  );
  report.check('the record is there', (await recordOf(restored, id)).id === id);
};
