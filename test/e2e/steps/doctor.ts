import { fileURLToPath } from 'node:url';
import { METRIC } from '../../../lambda/shared/metrics.ts';
import { type CommandOptions, type CommandResult, runCommand } from '../../support/process.ts';
import { outputOf, type World, waitFor } from '../world.ts';
import { createSubscriberQueue } from './subscriber-queue.ts';

const LAUNCHER = fileURLToPath(new URL('../../../cli/photo-avatars.js', import.meta.url));
const NAMES = fileURLToPath(new URL('../local-names.ts', import.meta.url));

interface Diagnosis extends CommandResult {
  readonly checks: readonly { readonly id: string; readonly status: string; readonly detail: string }[];
}

/** Uses the command line as an operator does. The alarm topic has a confirmed subscriber. */
export const diagnose = async (world: World, stackName: string, command: CommandOptions): Promise<void> => {
  const { report, aws } = world;
  const env = { ...command.env, NODE_EXTRA_CA_CERTS: command.env.AWS_CA_BUNDLE };
  const run = (...args: string[]) =>
    runCommand(process.execPath, ['--import', NAMES, LAUNCHER, ...args, '--stack', stackName, '--json'], {
      ...command,
      env,
    });
  const doctor = async (): Promise<Diagnosis> => {
    const result = await run('doctor', '--timeout', '2m');
    return { ...result, ...JSON.parse(result.output.slice(result.output.indexOf('{'))) };
  };

  report.section('photo-avatars doctor');
  report.limitation('MiniStack ignores point-in-time recovery in a template: this test enables it.');
  await aws.json('dynamodb', 'UpdateContinuousBackups', {
    TableName: outputOf(world, 'TableName'),
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  const healthy = await doctor();
  for (const { id, status, detail } of healthy.checks) report.print(`${status} ${id}: ${detail}`);
  report.check('it finds no error in the deployment', healthy.exitCode === 0);
  report.check(
    'it skips no check',
    healthy.checks.every(({ status }) => status !== 'skipped'),
  );
  const [Name = '', EventBusName = 'default'] = outputOf(world, 'EventRuleName').split('|').reverse();
  await aws.json('events', 'DisableRule', { Name, EventBusName });
  const broken = await doctor();
  report.check(
    'it finds the event rule that was disabled by hand, and exits with 1',
    broken.exitCode === 1 &&
      broken.checks.filter(({ status }) => status === 'error').every(({ id }) => id === 'event-rules'),
  );
  await aws.json('events', 'EnableRule', { Name, EventBusName });

  report.section('photo-avatars test-alarm');
  const topicArn = outputOf(world, 'AlarmTopic');
  const queue = await createSubscriberQueue(aws, 'tested', 'sns.amazonaws.com', topicArn);
  await aws.query('sns', 'Subscribe', { TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn });
  const tested = await run('test-alarm');
  report.check('it exits with 0', tested.exitCode === 0);
  report.check('it lists the subscriber', tested.output.includes('"endpoint": "tested"'));
  const notified = await waitFor(async () => {
    const messages = (await queue.receive()).map((body) => JSON.parse(JSON.parse(body).Message));
    return messages.find(({ Trigger }) => Trigger.MetricName === METRIC.callsToday);
  });
  report.check('the subscriber receives the test', notified?.NewStateValue === 'ALARM');
  report.check('which says that nothing is wrong', notified?.NewStateReason.includes('nothing is wrong'));
  const { MetricAlarms } = await aws.json('monitoring', 'DescribeAlarms', {});
  const { StateValue } = MetricAlarms.find(
    ({ MetricName }: { MetricName: string }) => MetricName === METRIC.callsToday,
  );
  report.check('the alarm is not on afterwards', StateValue !== 'ALARM');
  report.limitation('MiniStack does not record in the history of an alarm that it notified the topic.');
};
