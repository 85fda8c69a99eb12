import { setTimeout } from 'node:timers/promises';
import { METRIC } from '../../../lambda/shared/metrics.ts';
import { metricsIn } from '../../../local/embedded-metrics.ts';
import {
  callApi,
  chargesOf,
  functionOf,
  invoke,
  linesOf,
  outputOf,
  REQUEST,
  recordsOf,
  type World,
  waitFor,
} from '../world.ts';
import { sendToQueue } from './events.ts';
import { createSubscriberQueue } from './subscriber-queue.ts';

const FUNCTIONS = ['ApiFunctionName', 'IntakeFunctionName', 'DispatchFunctionName'] as const;

/** An alarm evaluates the last five minutes. Its data point leaves this period after so many seconds. */
const REMAINING_SECONDS = 15;

/**
 * Shortens the rate-limit window of the functions and the simulator: a blocked account is probed after one window, then
 * after two. The template has no setting for it, because JoggAI's window is fixed, so this changes the environment
 * variable of the deployed functions. The next deployment restores it.
 */
export const shortenWindow = async (world: World, seconds: number): Promise<void> => {
  const { aws, simulator } = world;
  for (const name of FUNCTIONS.map((output) => outputOf(world, output))) {
    const { Environment } = await functionOf(world, name);
    const Variables = { ...Environment.Variables, JOGGAI_WINDOW_SECONDS: String(seconds) };
    await aws.rest({
      service: 'lambda',
      method: 'PUT',
      path: `/2015-03-31/functions/${name}/configuration`,
      body: JSON.stringify({ Environment: { Variables } }),
    });
  }
  simulator.control.configure({ rate: { windowMs: seconds * 1_000 } });
};

export const exhaustAndRestoreCredit = async (world: World): Promise<void> => {
  const { report, aws, simulator } = world;
  const alarmOf = async () => {
    const { MetricAlarms } = await aws.json('monitoring', 'DescribeAlarms', {});
    return MetricAlarms.find(
      ({ MetricName }: { MetricName: string }) => MetricName === METRIC.insufficientCredit,
    );
  };
  const notifications = await subscribe(world);

  report.section('The JoggAI credit runs out');
  const before = chargesOf(world);
  const since = Date.now();
  simulator.control.configure({ credits: 0.1 });
  const rejected = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  report.print(`HTTP ${rejected.status} · ${rejected.json?.detail}`);
  report.check('the caller receives 402', rejected.status === 402);
  // The block may expire before this request arrives. The probe then fails, and the next block lasts twice as long.
  const nextReply = await waitFor(async () => {
    const account = await callApi(world, aws, 'GET', '/account');
    const reply = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
    return Date.now() < Date.parse(account.json?.until) ? reply : undefined;
  });
  report.check(
    'the next caller is rejected without a call, with Retry-After',
    nextReply?.headers['retry-after'] !== undefined,
  );
  await sendToQueue(world, { ...REQUEST, appearance: 'During the block' });
  const waiting = await waitFor(async () =>
    (await recordsOf(world)).find(
      ({ request, status }: { request?: { appearance?: string }; status: string }) =>
        request?.appearance === 'During the block' && status === 'queued',
    ),
  );
  report.check('a message to the queue is recorded as queued', waiting !== undefined);

  report.limitation(
    'MiniStack does not extract metrics from log lines: this test puts them, as CloudWatch does. It does not ' +
      'reevaluate alarms over time: the data points have timestamps that soon leave the evaluation period.',
  );
  const { Period = 0 } = (await alarmOf()) ?? {};
  const put = await putMetric(world, 'ApiFunctionName', since, (Period - REMAINING_SECONDS) * 1_000);
  report.check(
    'the function emitted the metric of the alarm',
    put.some((value) => value > 0),
  );
  const raised = await alarmOf();
  report.check('the deployed alarm is in ALARM', raised?.StateValue === 'ALARM');
  const notification = await notifications.next('ALARM');
  report.print(notification?.AlarmDescription ?? 'No notification was received.');
  report.check(
    'its topic delivers a notification that links the runbook',
    notification?.AlarmDescription.includes('docs/operations.md#insufficient-credit') ?? false,
  );
  report.limitation(
    "MiniStack does not check access to the topic's KMS key: test/lib checks the key policy.",
  );

  report.section('Credit returns');
  simulator.control.configure({ credits: 1_000 });
  const dispatch = outputOf(world, 'DispatchFunctionName');
  const submitted = await waitFor(async () => {
    await invoke(aws, dispatch, {});
    return (await recordsOf(world)).find(
      ({ id, charged }: { id: string; charged: string }) => id === waiting?.id && charged === 'yes',
    );
  });
  report.check('dispatch submits the queued request as the probe', submitted !== undefined);
  report.check('one call was charged', chargesOf(world) === before + 1);
  const next = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  report.check('the next caller receives 201', next.status === 201);
  await setTimeout(Math.max(0, since + (REMAINING_SECONDS + 5) * 1_000 - Date.now()));
  const unblockedAt = Date.now();
  await invoke(aws, dispatch, {});
  const gauges = await putMetric(world, 'DispatchFunctionName', unblockedAt, 0);
  report.check(
    'dispatch emits 0 for the metric of the block',
    gauges.length > 0 && gauges.every((value) => value === 0),
  );
  report.check('the alarm is OK', (await alarmOf())?.StateValue === 'OK');
  const { AlarmArn = '' } = (await alarmOf()) ?? {};
  report.limitation(
    'MiniStack sends no state changes of alarms to EventBridge: this test matches them with the deployed rules.',
  );
  report.check('a rule announces the end of the alarm', await isAnnounced(world, AlarmArn, 'ALARM'));
  report.check(
    'and not the first data of a new alarm',
    !(await isAnnounced(world, AlarmArn, 'INSUFFICIENT_DATA')),
  );
};

/** Whether a deployed rule matches the event that CloudWatch sends when the alarm becomes OK. */
const isAnnounced = async ({ aws }: World, alarmArn: string, previous: string): Promise<boolean> => {
  const { Rules } = await aws.json('events', 'ListRules', {});
  const event = {
    version: '0',
    id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
    account: alarmArn.split(':')[4],
    region: alarmArn.split(':')[3],
    time: new Date().toISOString(),
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarmArn],
    detail: { state: { value: 'OK' }, previousState: { value: previous } },
  };
  const Event = JSON.stringify(event);
  for (const { EventPattern } of Rules) {
    if (!EventPattern) continue;
    if ((await aws.json('events', 'TestEventPattern', { EventPattern, Event })).Result) return true;
  }
  return false;
};

/** Puts the insufficient-credit metric that a function logged since then. @returns its values */
const putMetric = async (
  world: World,
  functionOutput: (typeof FUNCTIONS)[number],
  since: number,
  ageMs: number,
): Promise<number[]> => {
  const lines = await linesOf(world, outputOf(world, functionOutput), since);
  const points = lines.flatMap(metricsIn).filter(({ name }) => name === METRIC.insufficientCredit);
  for (const { namespace, name, dimensions, value } of points) {
    await world.aws.json('monitoring', 'PutMetricData', {
      Namespace: namespace,
      MetricData: [
        {
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          Timestamp: (Date.now() - ageMs) / 1_000,
          Unit: 'Count',
          Value: value,
        },
      ],
    });
  }
  return points.map(({ value }) => Number(value));
};

/** Subscribes a queue to the alarms. */
const subscribe = async (world: World) => {
  const { aws } = world;
  const topicArn = outputOf(world, 'AlarmTopic');
  const queue = await createSubscriberQueue(aws, 'on-call', 'sns.amazonaws.com', topicArn);
  await aws.query('sns', 'Subscribe', { TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn });
  return {
    /** The next notification of this state. */
    next: (state: 'ALARM'): Promise<{ readonly AlarmDescription: string } | undefined> =>
      waitFor(async () => {
        const alarms = (await queue.receive()).map((body) => JSON.parse(JSON.parse(body).Message));
        return alarms.find(
          ({ NewStateValue, Trigger }) =>
            NewStateValue === state && Trigger.MetricName === METRIC.insufficientCredit,
        );
      }),
  };
};
