import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { METRIC, type MetricName } from '../../lambda/shared/metrics.ts';
import { metricsIn } from '../../local/embedded-metrics.ts';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
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
});
// An alarm on a metric expression has no single metric.
const alarms = resources(template, 'AWS::CloudWatch::Alarm').flatMap(
  ({ Properties }) => metricAlarm.safeParse(Properties).data ?? [],
);
const topic = theResource(template, 'AWS::SNS::Topic');

/** The service name in the metrics of the deployed functions. */
const serviceName = (() => {
  const variables = resources(template, 'AWS::Lambda::Function').map(
    ({ Properties }) =>
      z
        .object({ Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }) })
        .parse(Properties).Environment.Variables,
  );
  const [name, ...others] = new Set(variables.map(({ POWERTOOLS_SERVICE_NAME }) => POWERTOOLS_SERVICE_NAME));
  if (name === undefined || others.length > 0)
    throw new Error('Every function must have the same service name.');
  return name;
})();

const expectAlarmOn = (lines: readonly string[], name: MetricName) => {
  const emitted = lines.flatMap(metricsIn).filter((point) => point.name === name);
  expect(emitted, `emitted values of ${name}`).toHaveLength(1);
  const { namespace, unit, dimensions = {}, value } = emitted[0] ?? {};
  expect({ value: [value].flat(), unit }).toEqual({ value: [1], unit: 'Count' });
  const onMetric = alarms.filter(({ MetricName }) => MetricName === name);
  expect(onMetric, `alarms on ${name}`).toEqual([
    {
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      AlarmActions: [{ Ref: topic.logicalId }],
    },
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

describe('an alarm goes off', () => {
  it('when the credit runs out, and for each request rejected because of it', async () => {
    running.simulator.control.configure({ credits: 0 });
    await running.post();
    expectAlarmOn(running.logs, METRIC.insufficientCredit);
    running.logs.length = 0;
    await running.post();
    expectAlarmOn(running.logs, METRIC.insufficientCredit);
  });

  it('when the permission is missing', async () => {
    running.simulator.control.configure({ permission: false });
    await running.post();
    expectAlarmOn(running.logs, METRIC.noPermission);
  });

  it('when JoggAI rejects the API key', async () => {
    running.simulator.control.configure({ apiKeys: ['another'] });
    await running.post();
    expectAlarmOn(running.logs, METRIC.invalidApiKey);
  });

  it('when a request is in doubt', async () => {
    running.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    await running.post();
    expectAlarmOn(running.logs, METRIC.inDoubt);
  });

  it('when the API key is missing', async () => {
    const keyless = await startRunningService({ environment, apiKey: undefined });
    onTestFinished(() => keyless.close());
    await keyless.post();
    expectAlarmOn(keyless.logs, METRIC.missingApiKey);
  });

  it('when the ledger is unavailable', async () => {
    const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
    onTestFinished(() => dynamoDb.close());
    const proxy = await startLossyProxy(dynamoDb.url);
    onTestFinished(() => proxy.close());
    stubAws({});
    onTestFinished(() => void vi.unstubAllEnvs());
    const disconnected = await startRunningService({
      environment,
      endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    });
    onTestFinished(() => disconnected.close());
    proxy.refuse(true);
    expect((await disconnected.post()).status).toBe(503);
    expectAlarmOn(disconnected.logs, METRIC.unexpectedError);
    expect(disconnected.paidCalls()).toEqual([]);
  });
});

it('no alarm goes off when a request succeeds, is not valid, or has parameters that JoggAI rejects', async () => {
  await running.post();
  await running.post({});
  running.simulator.control.addFault({ kind: 'code', code: 40000 });
  await running.post();
  const emitted = new Set(running.logs.flatMap(metricsIn).map(({ name }) => name));
  expect([...emitted].sort()).toEqual([
    METRIC.accepted,
    METRIC.invalidRequest,
    METRIC.joggaiLatency,
    METRIC.parameterError,
  ]);
  for (const { MetricName } of alarms) expect([...emitted]).not.toContain(MetricName);
});
