import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { METRIC, type MetricName } from '../../lambda/metrics.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { deployed, resources, theResource } from '../lib/synthesize.ts';
import { stubAws } from '../support/aws.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const { template } = deployed();

const metricAlarm = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  AlarmActions: z.array(z.unknown()),
  OKActions: z.array(z.unknown()),
});
// An alarm on an expression over metrics has no metric of its own.
const alarms = resources(template, 'AWS::CloudWatch::Alarm').flatMap(
  ({ Properties }) => metricAlarm.safeParse(Properties).data ?? [],
);
const topic = theResource(template, 'AWS::SNS::Topic');

/** The name under which the deployed api function counts. */
const serviceName = (() => {
  const variables = resources(template, 'AWS::Lambda::Function').map(
    ({ Properties }) =>
      z
        .object({ Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }) })
        .parse(Properties).Environment.Variables,
  );
  const [name, ...others] = new Set(variables.map(({ POWERTOOLS_SERVICE_NAME }) => POWERTOOLS_SERVICE_NAME));
  if (name === undefined || others.length > 0) throw new Error('Every function should have the same name.');
  return name;
})();

/** A log line in CloudWatch's embedded metric format. */
const emf = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ),
  }),
});

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** What CloudWatch makes of log lines. */
const metricsIn = (lines: readonly string[]) =>
  lines.flatMap((line) => {
    const { data } = emf.safeParse(parsed(line));
    return (data?._aws.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name, Unit }) =>
        Dimensions.map((names) => ({
          Namespace,
          MetricName: Name,
          Unit,
          Dimensions: names.map((name) => ({ Name: name, Value: data?.[name] })),
          value: data?.[Name],
        })),
      ),
    );
  });

const expectAlarmOn = (lines: readonly string[], name: MetricName) => {
  const emitted = metricsIn(lines).filter(({ MetricName }) => MetricName === name);
  expect(emitted, `what was counted as ${name}`).toHaveLength(1);
  const { value, Unit, ...metric } = emitted[0] ?? {};
  expect({ value: [value].flat(), Unit }).toEqual({ value: [1], Unit: 'Count' });
  const watching = alarms.filter(({ MetricName }) => MetricName === name);
  expect(watching, `alarms on ${name}`).toEqual([
    { ...metric, AlarmActions: [{ Ref: topic.logicalId }], OKActions: [{ Ref: topic.logicalId }] },
  ]);
};

const environment = { POWERTOOLS_SERVICE_NAME: serviceName };
let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({ environment });
});
beforeEach(async () => {
  await running.reset();
  running.logs.length = 0;
});
afterAll(() => running.close());

describe('the alarm that goes off', () => {
  it('when the credit is gone, and again for each request that is turned away for it', async () => {
    running.simulator.control.configure({ credits: 0 });
    await running.post();
    expectAlarmOn(running.logs, METRIC.insufficientCredit);
    running.logs.length = 0;
    await running.post();
    expectAlarmOn(running.logs, METRIC.insufficientCredit);
  });

  it('when the permission is gone', async () => {
    running.simulator.control.configure({ permission: false });
    await running.post();
    expectAlarmOn(running.logs, METRIC.noPermission);
  });

  it('when the key is refused', async () => {
    running.simulator.control.configure({ apiKeys: ['another'] });
    await running.post();
    expectAlarmOn(running.logs, METRIC.invalidApiKey);
  });

  it('when a request is in doubt', async () => {
    running.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    await running.post();
    expectAlarmOn(running.logs, METRIC.inDoubt);
  });

  it('when the key is missing', async () => {
    const keyless = await startRunningService({ environment, apiKey: undefined });
    onTestFinished(() => keyless.close());
    await keyless.post();
    expectAlarmOn(keyless.logs, METRIC.missingApiKey);
  });

  it('when the ledger is out of reach', async () => {
    const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
    onTestFinished(() => dynamoDb.close());
    const proxy = await startLossyProxy(dynamoDb.url);
    onTestFinished(() => proxy.close());
    stubAws({});
    onTestFinished(() => void vi.unstubAllEnvs());
    const cut = await startRunningService({
      environment,
      endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    });
    onTestFinished(() => cut.close());
    proxy.refuse(true);
    expect((await cut.post()).status).toBe(503);
    expectAlarmOn(cut.logs, METRIC.unexpectedError);
    expect(cut.paidCalls()).toEqual([]);
  });
});

it('nothing goes off when a request succeeds, is not valid, or is called wrong', async () => {
  await running.post();
  await running.post({});
  running.simulator.control.addFault({ kind: 'code', code: 40000 });
  await running.post();
  const counted = new Set(metricsIn(running.logs).map(({ MetricName }) => MetricName));
  expect([...counted].sort()).toEqual([
    METRIC.accepted,
    METRIC.invalidRequest,
    METRIC.joggaiLatency,
    METRIC.parameterError,
  ]);
  for (const { MetricName } of alarms) expect([...counted]).not.toContain(MetricName);
});
