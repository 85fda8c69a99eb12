import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRIC } from '../lambda/shared/metrics.ts';
import { DEFAULTS } from '../lib/defaults.ts';
import type { RunningServer } from '../local/server.ts';
import { allResources, deployed } from './lib/synthesize.ts';
import { type AwsCall, startRecordingEndpoint } from './support/aws-calls.ts';
import { startRunningService } from './support/running-service.ts';

/** List prices in USD, us-east-1, without the free tier, of November 2026. Source: the pricing page of each service. */
const PRICE = {
  /** A month each. */
  alarmMetric: 0.1,
  customMetric: 0.3,
  dashboard: 3,
  kmsKey: 1,
  secret: 0.4,
  s3GbMonth: 0.023,
  /** A million each. */
  lambdaRequests: 0.2,
  schedulerRuns: 1,
  sqsRequests: 0.4,
  dynamoDbReads: 0.125,
  dynamoDbWrites: 0.625,
  secretReads: 5,
  s3Puts: 5,
  /** For arm64. */
  lambdaGbSecond: 0.000_013_333_4,
  logGb: 0.5,
} as const;

const SECONDS_A_MONTH = 730 * 3_600;
/** Lambda polls a queue with five connections, each for 20 s. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const POLLS_OF_A_QUEUE = (5 * SECONDS_A_MONTH) / 20;
/** One dispatch without open records, most of it the free read of JoggAI. */
const IDLE_DISPATCH_SECONDS = 0.2;
/** A function keeps the key for five minutes. */
const SECRET_READS = SECONDS_A_MONTH / 300;
/** What AWS adds to a log event when it bills it, and Lambda's own three lines for each invocation. */
const LOG_OVERHEAD = { bytesALine: 26, bytesAnInvocation: 450 };

/** Types that cost nothing as long as nothing happens; what happens is in the column for 1,000 avatars. */
const FREE_WHEN_IDLE = new Set(
  [
    ...['ApiGatewayV2::Api', 'ApiGatewayV2::Integration', 'ApiGatewayV2::Route', 'ApiGatewayV2::Stage'],
    ...['DynamoDB::Table', 'Events::Rule', 'IAM::Policy', 'IAM::Role', 'S3::Bucket', 'S3::BucketPolicy'],
    ...['Lambda::Alias', 'Lambda::EventInvokeConfig', 'Lambda::Function', 'Lambda::Permission'],
    ...[
      'Logs::LogGroup',
      'Logs::QueryDefinition',
      'SNS::Topic',
      'SNS::TopicPolicy',
      'SQS::Queue',
      'SQS::QueuePolicy',
    ],
  ].map((type) => `AWS::${type}`),
);
const PRICED = new Set(
  [
    ...['CloudWatch::Alarm', 'CloudWatch::Dashboard', 'KMS::Key', 'Lambda::EventSourceMapping'],
    ...['Logs::MetricFilter', 'Scheduler::Schedule', 'SecretsManager::Secret'],
  ].map((type) => `AWS::${type}`),
);

const all = allResources(deployed().template);
const ofType = (type: string) => all.filter(({ Type }) => Type === `AWS::${type}`);

const metrics = z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional();
/** An alarm on an expression is billed for each metric that it reads. */
const alarmMetrics = ofType('CloudWatch::Alarm').flatMap(
  ({ Properties }) =>
    metrics.parse(Properties.Metrics)?.filter(({ MetricStat }) => MetricStat) ?? [Properties],
);

const dispatch: { calls: AwsCall[]; logBytes: number } = { calls: [], logBytes: 0 };
const endpoints: RunningServer[] = [];
beforeAll(async () => {
  const variable = 'AWS_ENDPOINT_URL_DYNAMODB';
  const running = await startRunningService({
    prepare: async (name, setup) => {
      if (name !== 'dispatch') return setup;
      const endpoint = await startRecordingEndpoint(
        variable,
        setup.environment[variable] ?? '',
        dispatch.calls,
      );
      endpoints.push(endpoint);
      return { ...setup, environment: { ...setup.environment, [variable]: endpoint.url } };
    },
  });
  await running.service.triggerDispatch();
  // The second run, because the first one starts the function.
  dispatch.calls.length = 0;
  running.logs.length = 0;
  await running.service.triggerDispatch();
  dispatch.logBytes =
    LOG_OVERHEAD.bytesAnInvocation +
    running.logs.reduce((bytes, line) => bytes + Buffer.byteLength(line) + LOG_OVERHEAD.bytesALine, 0);
  await running.close();
});
afterAll(async () => {
  for (const endpoint of endpoints) await endpoint.close();
});

/** In steps of ten cents, because the duration is an estimate. */
const costOfDispatch = (): number => {
  const runs = SECONDS_A_MONTH / 60;
  const reads = dispatch.calls.filter(({ action }) => /Get|Query/.test(action)).length;
  const writes = dispatch.calls.length - reads;
  const perRun =
    (PRICE.schedulerRuns +
      PRICE.lambdaRequests +
      reads * PRICE.dynamoDbReads +
      writes * PRICE.dynamoDbWrites) /
      1e6 +
    IDLE_DISPATCH_SECONDS * (DEFAULTS.memorySize / 1_024) * PRICE.lambdaGbSecond +
    (dispatch.logBytes / 2 ** 30) * PRICE.logGb;
  return Math.round(10 * (runs * perRun + (SECRET_READS * PRICE.secretReads) / 1e6)) / 10;
};

const usd = (amount: number): string => amount.toFixed(2);

/** The right half of the README's table. */
const monthly = (): [what: string, cost: number][] => {
  const customMetrics = Object.keys(METRIC).length + ofType('Logs::MetricFilter').length;
  const queues = ofType('Lambda::EventSourceMapping').length;
  const count = (type: string, price: number) => ofType(type).length * price;
  return [
    [
      `${ofType('CloudWatch::Alarm').length} alarms on ${alarmMetrics.length} metrics`,
      alarmMetrics.length * PRICE.alarmMetric,
    ],
    [`${customMetrics} custom metrics`, customMetrics * PRICE.customMetric],
    ['dashboard', count('CloudWatch::Dashboard', PRICE.dashboard)],
    [
      'KMS key of the alarm topic, secret',
      count('KMS::Key', PRICE.kmsKey) + count('SecretsManager::Secret', PRICE.secret),
    ],
    ['dispatch, every minute', costOfDispatch()],
    [`Lambda's polling of ${queues} queues`, (queues * POLLS_OF_A_QUEUE * PRICE.sqsRequests) / 1e6],
  ];
};

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [, section = ''] = readme.split('\n## What it costs\n');
const rows = (section.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const costIn = (columns: [number, number], what: string): string | undefined =>
  rows.find((cells) => cells[columns[0]] === what)?.[columns[1]];

describe('what it costs, in the README', () => {
  it('knows the price of every type of resource', () => {
    const types = new Set(all.map(({ Type }) => Type));
    expect([...types].filter((type) => !PRICED.has(type) && !FREE_WHEN_IDLE.has(type))).toEqual([]);
    expect([...PRICED].filter((type) => !types.has(type))).toEqual([]);
  });

  it('is per month what the template adds up to', () => {
    const expected = monthly();
    const total = expected.reduce((sum, [, cost]) => sum + cost, 0);
    const right = rows
      .slice(2)
      .map((cells) => cells.slice(2))
      .filter(([what]) => what !== '');
    expect(right).toEqual([
      ...expected.map(([what, cost]) => [what, usd(cost)]),
      ['**together**', `**about ${Math.round(total)}**`],
    ]);
  });

  it('is per 1,000 avatars what Lambda and S3 charge', () => {
    const seconds = 2 * (DEFAULTS.memorySize / 1_024) * 1_000;
    const lambda = seconds * PRICE.lambdaGbSecond + (1_000 * PRICE.lambdaRequests) / 1e6;
    expect(costIn([0, 1], `Lambda, ${DEFAULTS.memorySize} MB, 2 s a call`)).toBe(usd(lambda));
    const s3 = ((4 * 1_000 * 1.5) / 1_000) * PRICE.s3GbMonth + (4 * 1_000 * PRICE.s3Puts) / 1e6;
    expect(costIn([0, 1], 'S3, four images of 1.5 MB each, a month')).toBe(usd(s3));
  });

  it('says that X-Ray is off, as in the template', () => {
    for (const { Properties } of ofType('Lambda::Function'))
      expect(Properties).not.toHaveProperty('TracingConfig');
    expect(section).toContain('X-Ray is off');
  });
});
