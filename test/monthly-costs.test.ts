import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRIC } from '../lambda/shared/metrics.ts';
import { DEFAULTS } from '../lib/defaults.ts';
import { countIdleDay } from '../local/metering/costs.ts';
import { startMeteredService } from '../local/metering/metered-service.ts';
import { PRICES, priceOf, type Usage } from '../local/metering/prices.ts';
import { allResources, deployed } from './lib/synthesize.ts';
import { tableRows } from './support/markdown-table.ts';

/** List prices in USD of what is billed by the month, us-east-1, of November 2026. Source: the pricing page of each service. */
const PRICE = {
  alarmMetric: 0.1,
  customMetric: 0.3,
  dashboard: 3,
  kmsKey: 1,
  secret: 0.4,
  s3GbMonth: 0.023,
  /** For one. */
  schedulerRun: 1e-6,
} as const;

const SECONDS_A_MONTH = 730 * 3_600;
/** Lambda polls a queue with five connections, each for 20 s. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const POLLS_OF_A_QUEUE = (5 * SECONDS_A_MONTH) / 20;

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

let dayOfNothing: Usage;
beforeAll(async () => {
  const world = await startMeteredService();
  dayOfNothing = await countIdleDay(world);
  await world.close();
});

/** In steps of ten cents, because the duration is an estimate. */
const costOfDispatch = (): number => {
  const days = SECONDS_A_MONTH / 86_400;
  const runs = SECONDS_A_MONTH / 60;
  return Math.round(10 * (days * priceOf(dayOfNothing) + runs * PRICE.schedulerRun)) / 10;
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
    [`Lambda's polling of ${queues} queues`, queues * POLLS_OF_A_QUEUE * PRICES.queueCalls],
  ];
};

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [, section = ''] = readme.split('\n## What it costs\n');
const [, ...rows] = tableRows(section.split('\n## ')[0] ?? '');
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
    const right = rows.map((cells) => cells.slice(2)).filter(([what]) => what !== '');
    expect(right).toEqual([
      ...expected.map(([what, cost]) => [what, usd(cost)]),
      ['**together**', `**about ${Math.round(total)}**`],
    ]);
  });

  it('is per 1,000 avatars what Lambda and S3 charge', () => {
    const lambda = 1_000 * (2 * PRICES.lambdaSeconds + PRICES.invocations);
    expect(costIn([0, 1], `Lambda, ${DEFAULTS.memorySize} MB, 2 s a call`)).toBe(usd(lambda));
    const s3 = ((4 * 1_000 * 1.5) / 1_000) * PRICE.s3GbMonth + 4 * 1_000 * PRICES.imageWrites;
    expect(costIn([0, 1], 'S3, four images of 1.5 MB each, a month')).toBe(usd(s3));
  });

  it('says that X-Ray is off, as in the template', () => {
    for (const { Properties } of ofType('Lambda::Function'))
      expect(Properties).not.toHaveProperty('TracingConfig');
    expect(section).toContain('X-Ray is off');
  });
});
