import { elementOf } from '../aws.ts';
import type { Toolkit } from '../toolkit.ts';
import { callApi, functionOf, outputOf, type World } from '../world.ts';

/** Ends the termination protection of a stage, so that `cdk destroy` deletes it. */
export const endProtection = ({ aws, settings }: Pick<World, 'aws' | 'settings'>): Promise<unknown> =>
  aws.query('cloudformation', 'UpdateTerminationProtection', {
    StackName: `PhotoAvatars-${settings.stage}`,
    EnableTerminationProtection: 'false',
  });

/** @returns the id of the deleted stack */
export const destroy = async (world: World, toolkit: Toolkit): Promise<string> => {
  const { report, aws } = world;
  const stack = { StackName: `PhotoAvatars-${world.settings.stage}` };
  const stackId = elementOf(await aws.query('cloudformation', 'DescribeStacks', stack), 'StackId');
  report.section('What is kept is protected from deletion');
  report.check('cdk destroy is refused', !(await succeeds(() => toolkit.destroy(world.settings))));
  const table = { TableName: outputOf(world, 'TableName') };
  report.check(
    'the deletion of the table is refused',
    !(await succeeds(() => aws.json('dynamodb', 'DeleteTable', table))),
  );
  await endProtection(world);

  report.section('cdk destroy');
  const functionName = outputOf(world, 'ApiFunctionName');
  const { LoggingConfig } = await functionOf(world, functionName);
  await toolkit.destroy(world.settings);

  const afterwards = await callApi(world, aws, 'GET', '/account');
  report.check('the API is deleted', afterwards.status === 404);
  report.check('the function is deleted', !(await succeeds(() => functionOf(world, functionName))));
  const { MetricAlarms } = await aws.json('monitoring', 'DescribeAlarms', {});
  report.check('the alarms are deleted', MetricAlarms.length === 0);

  const { Count } = await aws.json('dynamodb', 'Scan', {
    TableName: outputOf(world, 'TableName'),
    Select: 'COUNT',
  });
  report.check(`the ledger is retained, with ${Count} items`, Count > 0);
  const SecretId = outputOf(world, 'ApiKeySecret');
  report.check(
    'the secret is retained',
    await succeeds(() => aws.json('secretsmanager', 'GetSecretValue', { SecretId })),
  );
  const { logGroups } = await aws.json('logs', 'DescribeLogGroups', {
    logGroupNamePrefix: LoggingConfig.LogGroup,
  });
  report.check('the log group is retained', logGroups.length === 1);
  const bucket = await aws.send({
    service: 's3',
    method: 'HEAD',
    path: `/${outputOf(world, 'ImageBucketName')}`,
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  report.check('the image bucket is retained', bucket.status === 200);
  const QueueUrl = outputOf(world, 'DeadLetterQueueUrl');
  const attributes = { QueueUrl, AttributeNames: ['QueueArn'] };
  report.check(
    'the dead-letter queue is retained',
    await succeeds(() => aws.json('sqs', 'GetQueueAttributes', attributes)),
  );
  return stackId;
};

const succeeds = async (call: () => Promise<unknown>): Promise<boolean> => {
  try {
    await call();
    return true;
  } catch {
    return false;
  }
};
