import { setTimeout } from 'node:timers/promises';
import { METRIC } from '../../../lambda/metrics.ts';
import { metricsIn } from '../../../local/demo/metric-log.ts';
import {
  callApi,
  chargesOf,
  functionOf,
  invoke,
  linesOf,
  outputOf,
  REQUEST,
  recordsOf,
  until,
  type World,
} from '../world.ts';
import { sendToQueue } from './events.ts';
import { queueFor } from './mailbox.ts';

const FUNCTIONS = ['ApiFunctionName', 'IntakeFunctionName', 'DispatchFunctionName'] as const;

/** An alarm looks back over five minutes. Its point is put as if it were this much younger than that. */
const STAYS_SECONDS = 15;

/**
 * JoggAI's minute as so many seconds, for the functions and the simulator alike: a blocked account is probed after a
 * minute, then two, which nobody wants to wait for. The template has no setting for it, because JoggAI's minute is
 * one, so the deployed functions' variable is changed as by hand; the next deployment puts it back.
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

export const loseAndRegainCredit = async (world: World): Promise<void> => {
  const { teller, aws, simulator } = world;
  const alarmOf = async () => {
    const { MetricAlarms } = await aws.json('monitoring', 'DescribeAlarms', {});
    return MetricAlarms.find(
      ({ MetricName }: { MetricName: string }) => MetricName === METRIC.insufficientCredit,
    );
  };
  const mailbox = await subscribe(world);

  teller.chapter("JoggAI's credit ends");
  const before = chargesOf(world);
  const since = Date.now();
  simulator.control.configure({ credits: 0.1 });
  const refused = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  teller.say(`HTTP ${refused.status} · ${refused.json?.detail}`);
  teller.check('402 for a caller', refused.status === 402);
  // A busy machine may take longer to ask than the block lasts: then it begins anew, for twice as long.
  const spared = await until(async () => {
    const account = await callApi(world, aws, 'GET', '/account');
    const reply = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
    return Date.now() < Date.parse(account.json?.until) ? reply : undefined;
  });
  teller.check(
    'the next one is told at once, with Retry-After',
    spared?.headers['retry-after'] !== undefined,
  );
  await sendToQueue(world, { ...REQUEST, appearance: 'During the block' });
  const waiting = await until(async () =>
    (await recordsOf(world)).find(
      ({ request, status }: { request?: { appearance?: string }; status: string }) =>
        request?.appearance === 'During the block' && status === 'queued',
    ),
  );
  teller.check('an event waits in the ledger', waiting !== undefined);

  teller.remark(
    'MiniStack makes no metrics of log lines: they are put here, line by line, as CloudWatch would. It never ' +
      'evaluates an alarm for the lapse of time: its points are put with a time at which they will soon be too old.',
  );
  const { Period = 0 } = (await alarmOf()) ?? {};
  const put = await putMetric(world, 'ApiFunctionName', since, (Period - STAYS_SECONDS) * 1_000);
  teller.check(
    'the function printed the metric that the alarm watches',
    put.some((value) => value > 0),
  );
  const raised = await alarmOf();
  teller.check('the deployed alarm is in ALARM', raised?.StateValue === 'ALARM');
  const alarmMail = await mailbox.next('ALARM');
  teller.say(alarmMail?.AlarmDescription ?? 'No notification came.');
  teller.check(
    'its topic delivers, and says what to do',
    alarmMail?.AlarmDescription.includes('docs/operations.md#insufficient-credit') ?? false,
  );
  teller.remark("MiniStack does not ask KMS for the topic's key: that alarms may use it, test/lib checks.");

  teller.chapter('Credit returns');
  simulator.control.configure({ credits: 1_000 });
  const dispatch = outputOf(world, 'DispatchFunctionName');
  const through = await until(async () => {
    await invoke(aws, dispatch, {});
    return (await recordsOf(world)).find(
      ({ id, charged }: { id: string; charged: string }) => id === waiting?.id && charged === 'yes',
    );
  });
  teller.check('what waited goes through by itself, as the probe', through !== undefined);
  teller.check('one call was charged for all of it', chargesOf(world) === before + 1);
  const next = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  teller.check('callers are served again', next.status === 201);
  await setTimeout(Math.max(0, since + (STAYS_SECONDS + 5) * 1_000 - Date.now()));
  const open = Date.now();
  await invoke(aws, dispatch, {});
  const gauges = await putMetric(world, 'DispatchFunctionName', open, 0);
  teller.check(
    'dispatch says that there is no block any more',
    gauges.length > 0 && gauges.every((value) => value === 0),
  );
  teller.check('the alarm is OK', (await alarmOf())?.StateValue === 'OK');
  teller.check('its topic delivers that, too', (await mailbox.next('OK')) !== undefined);
};

/** Puts the credit metric of what a function printed since then. @returns its values */
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

/** Somebody subscribes to the alarms. */
const subscribe = async (world: World) => {
  const { aws } = world;
  const topicArn = outputOf(world, 'AlarmTopic');
  const queue = await queueFor(aws, 'on-call', 'sns.amazonaws.com', topicArn);
  await aws.query('sns', 'Subscribe', { TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn });
  return {
    /** The next notification of this state that comes. */
    next: (state: 'ALARM' | 'OK'): Promise<{ readonly AlarmDescription: string } | undefined> =>
      until(async () => {
        const alarms = (await queue.receive()).map((body) => JSON.parse(JSON.parse(body).Message));
        return alarms.find(
          ({ NewStateValue, Trigger }) =>
            NewStateValue === state && Trigger.MetricName === METRIC.insufficientCredit,
        );
      }),
  };
};
