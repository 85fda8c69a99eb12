import type { Toolkit } from '../toolkit.ts';
import { callApi, functionOf, outputOf, type World } from '../world.ts';

export const destroy = async (world: World, toolkit: Toolkit): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('cdk destroy');
  const functionName = outputOf(world, 'ApiFunctionName');
  const { LoggingConfig } = await functionOf(world, functionName);
  await toolkit.destroy(world.settings);

  const gone = await callApi(world, aws, 'GET', '/account');
  teller.check('the API is gone', gone.status === 404);
  teller.check('the function is gone', !(await answers(() => functionOf(world, functionName))));
  const { MetricAlarms } = await aws.json('monitoring', 'DescribeAlarms', {});
  teller.check('the alarms are gone', MetricAlarms.length === 0);

  const { Count } = await aws.json('dynamodb', 'Scan', {
    TableName: outputOf(world, 'TableName'),
    Select: 'COUNT',
  });
  teller.check(`the ledger stays, with its ${Count} items`, Count > 0);
  const SecretId = outputOf(world, 'ApiKeySecret');
  teller.check(
    'the secret stays',
    await answers(() => aws.json('secretsmanager', 'GetSecretValue', { SecretId })),
  );
  const { logGroups } = await aws.json('logs', 'DescribeLogGroups', {
    logGroupNamePrefix: LoggingConfig.LogGroup,
  });
  teller.check('the log stays', logGroups.length === 1);
  const pictures = await aws.send({
    service: 's3',
    method: 'HEAD',
    path: `/${outputOf(world, 'ImageBucketName')}`,
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  teller.check('the bucket with the pictures stays', pictures.status === 200);
  const QueueUrl = outputOf(world, 'DeadLetterQueueUrl');
  const attributes = { QueueUrl, AttributeNames: ['QueueArn'] };
  teller.check(
    'the dead-letter queue stays',
    await answers(() => aws.json('sqs', 'GetQueueAttributes', attributes)),
  );
};

const answers = async (ask: () => Promise<unknown>): Promise<boolean> => {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
};
