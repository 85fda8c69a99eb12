import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRIC, METRICS_NAMESPACE, SERVICE_DIMENSION } from '../../lambda/shared/metrics.ts';
import { deployed, functionOf, resources, statements, theResource } from './synthesize.ts';

const { template, stack } = deployed({ alarmEmail: 'oncall@example.com' });
const { serviceName } = stack.photoAvatars;

const metric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
});
const alarm = metric.partial().extend({
  AlarmDescription: z.string(),
  Statistic: z.string().optional(),
  Metrics: z
    .array(
      z.object({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: metric, Stat: z.string() }).optional(),
      }),
    )
    .optional(),
  Threshold: z.number(),
  ComparisonOperator: z.string(),
  Period: z.number().optional(),
  TreatMissingData: z.string(),
});
const alarms = resources(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => alarm.parse(Properties));
const topic = theResource(template, 'AWS::SNS::Topic');
const key = theResource(template, 'AWS::KMS::Key');
const isOf = (dimensions: unknown, logicalId: string) =>
  JSON.stringify(dimensions) === JSON.stringify([{ Name: 'FunctionName', Value: { Ref: logicalId } }]);
const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };

describe('alarms', () => {
  it.each([
    METRIC.insufficientCredit,
    METRIC.noPermission,
    METRIC.invalidApiKey,
    METRIC.missingApiKey,
    METRIC.backingOff,
    METRIC.inDoubt,
    METRIC.unexpectedError,
    METRIC.unreadableItem,
  ])('monitor %s with the namespace and dimension that the code uses', (metricName) => {
    expect(alarms.filter((each) => each.MetricName === metricName)).toMatchObject([
      {
        Namespace: METRICS_NAMESPACE,
        Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
        Statistic: 'Sum',
        Threshold: 1,
      },
    ]);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: serviceName } },
    });
  });

  it.each(['Intake', 'Dispatch'] as const)('monitor errors of the function: %s', (name) => {
    const { logicalId } = functionOf(template, name);
    expect(
      alarms.filter(({ MetricName, Dimensions }) => MetricName === 'Errors' && isOf(Dimensions, logicalId)),
    ).toHaveLength(1);
  });

  it.each(['Api', 'Intake', 'Dispatch'] as const)('monitor throttles of the function: %s', (name) => {
    const { logicalId } = functionOf(template, name);
    expect(
      alarms.filter(
        ({ MetricName, Dimensions }) => MetricName === 'Throttles' && isOf(Dimensions, logicalId),
      ),
    ).toHaveLength(1);
  });

  it('monitor errors of the api function without refused direct invocations', () => {
    const { logicalId } = functionOf(template, 'Api');
    const [errors, ...others] = alarms.filter(
      ({ AlarmDescription, Metrics }) => Metrics && AlarmDescription.endsWith('#function-errors'),
    );
    expect(others).toEqual([]);
    expect(errors?.Metrics?.map(({ Id, Expression }) => Expression ?? Id)).toEqual([
      'FILL(errors, 0) - FILL(refusals, 0)',
      'errors',
      'refusals',
    ]);
    expect(errors?.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? [])).toMatchObject([
      {
        Metric: {
          Namespace: 'AWS/Lambda',
          MetricName: 'Errors',
          Dimensions: [{ Name: 'FunctionName', Value: { Ref: logicalId } }],
        },
        Stat: 'Sum',
      },
      {
        Metric: {
          Namespace: METRICS_NAMESPACE,
          MetricName: METRIC.refusedInvocation,
          Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
        },
        Stat: 'Sum',
      },
    ]);
  });

  it.each([
    [METRIC.oldestQueuedAge, 'Maximum', 'GreaterThanOrEqualToThreshold', 360 * 60],
    [METRIC.oldestGenerationOverdue, 'Maximum', 'GreaterThanOrEqualToThreshold', 10 * 60],
    [METRIC.callsToday, 'Maximum', 'GreaterThanOrEqualToThreshold', 800],
    [METRIC.slotsInUse, 'SampleCount', 'LessThanThreshold', 1],
    [METRIC.creditsLeft, 'Maximum', 'LessThanThreshold', 10],
  ])(
    'monitor %s, which dispatch publishes every minute: %s %s %d',
    (name, statistic, comparison, threshold) => {
      expect(alarms.filter(({ MetricName }) => MetricName === name)).toMatchObject([
        {
          Namespace: METRICS_NAMESPACE,
          Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
          Statistic: statistic,
          ComparisonOperator: comparison,
          Threshold: threshold,
        },
      ]);
    },
  );

  it.each([
    [METRIC.imageNotCopied, 2, 60 * 60],
    [METRIC.unseenStatus, 1, 15 * 60],
  ])(
    'monitor %s: %d, within a period longer than the delay between two retries: %d s',
    (name, threshold, period) => {
      expect(alarms.filter(({ MetricName }) => MetricName === name)).toMatchObject([
        {
          Namespace: METRICS_NAMESPACE,
          Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
          Statistic: 'Sum',
          Threshold: threshold,
          Period: period,
        },
      ]);
    },
  );

  it('monitor the share of failed generations, from five failures an hour', () => {
    const [failing, ...others] = alarms.filter(({ AlarmDescription }) =>
      AlarmDescription.endsWith('#generations-fail'),
    );
    expect(others).toEqual([]);
    expect(failing).toMatchObject({ Threshold: 50, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
    const [share, ...counted] = failing?.Metrics ?? [];
    expect(share?.Expression).toBe(
      'IF(FILL(failed, 0) >= 5, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(succeeded, 0)), 0)',
    );
    expect(
      counted.map(({ Id, MetricStat }) => [Id, MetricStat?.Metric.MetricName, MetricStat?.Stat]),
    ).toEqual([
      ['failed', METRIC.failed, 'Sum'],
      ['succeeded', METRIC.succeeded, 'Sum'],
    ]);
    for (const { MetricStat } of counted) {
      expect(MetricStat?.Metric).toMatchObject({
        Namespace: METRICS_NAMESPACE,
        Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
      });
    }
  });

  it('on the backlog, the daily limit and the credits follow the configuration', () => {
    const { template: other } = deployed({
      backlogAlarmMinutes: '30',
      dailyCallLimit: '7',
      lowCreditThreshold: '100',
    });
    other.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: METRIC.creditsLeft, Threshold: 100 });
    other.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: METRIC.oldestQueuedAge,
      Threshold: 1_800,
    });
    other.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: METRIC.callsToday, Threshold: 6 });
  });

  it('monitor the dead-letter queues, also when SQS stops reporting on them for lack of activity', () => {
    const deadLetters = resources(template, 'AWS::SQS::Queue').filter(({ logicalId }) =>
      logicalId.includes('DeadLetters'),
    );
    expect(deadLetters).toHaveLength(2);
    expect(
      alarms.filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible'),
    ).toMatchObject(
      deadLetters.map(({ logicalId }) => ({
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [logicalId, 'QueueName'] } }],
        Statistic: 'Maximum',
        Threshold: 1,
        TreatMissingData: 'ignore',
      })),
    );
  });

  it('monitor 5xx generated by API Gateway, but not 5xx of the function', () => {
    const { FilterPattern, MetricTransformations } = theResource(
      template,
      'AWS::Logs::MetricFilter',
    ).Properties;
    expect(FilterPattern).toBe('{ ($.status = "5*") && ($.integrationError != "-") }');
    expect(MetricTransformations).toMatchObject([
      {
        MetricNamespace: METRICS_NAMESPACE,
        MetricName: 'Unanswered',
        Dimensions: [{ Key: SERVICE_DIMENSION, Value: '$.service' }],
      },
    ]);
    const stage = JSON.stringify(theResource(template, 'AWS::ApiGatewayV2::Stage').Properties);
    for (const field of ['service', 'status', 'integrationError']) expect(stage).toContain(`\\"${field}\\":`);
    expect(stage).toContain(`\\"service\\":\\"${serviceName}\\"`);
    expect(alarms.filter((each) => each.MetricName === 'Unanswered')).toMatchObject([
      { Namespace: METRICS_NAMESPACE, Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }] },
    ]);
    expect(alarms.map((each) => each.Namespace)).not.toContain('AWS/ApiGateway');
  });

  it('treat missing data as not breaching, with four exceptions', () => {
    const exceptions = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
    expect(
      exceptions.map(({ MetricName, TreatMissingData }) => [MetricName, TreatMissingData]).sort(),
    ).toEqual([
      ['ApproximateNumberOfMessagesVisible', 'ignore'],
      ['ApproximateNumberOfMessagesVisible', 'ignore'],
      [METRIC.creditsLeft, 'ignore'],
      [METRIC.slotsInUse, 'breaching'],
    ]);
  });

  it('have one section each in docs/operations.md, which has no other sections', () => {
    const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const sections = [...document.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    const linked = alarms.map((each) => /docs\/operations\.md#([a-z-]+)$/.exec(each.AlarmDescription)?.[1]);
    expect([...new Set(linked)].sort()).toEqual(sections.sort());
  });
});

describe('alarm notifications', () => {
  it('are published to a topic that accepts alarms of this account, and EventBridge', () => {
    const policy = theResource(template, 'AWS::SNS::TopicPolicy').Properties;
    expect(policy.Topics).toEqual([{ Ref: topic.logicalId }]);
    const allowed = statements(policy.PolicyDocument).filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([
      { Principal: cloudWatch, Action: ['sns:Publish'], Resource: [{ Ref: topic.logicalId }] },
      { Principal: { Service: 'events.amazonaws.com' }, Action: ['sns:Publish'] },
    ]);
    expect(JSON.stringify(allowed[0]?.Condition)).toMatch(
      /aws:SourceAccount.*aws:SourceArn.*AWS::AccountId.*:alarm:\*/,
    );
  });

  it('are encrypted with a customer managed key that CloudWatch may use', () => {
    expect(topic.Properties.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': [key.logicalId, 'Arn'] });
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(statements(key.Properties.KeyPolicy)).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: cloudWatch,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        // Not an alarm of another account that names this topic.
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  });

  it('are rejected without TLS', () => {
    const policy = theResource(template, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument;
    expect(statements(policy)).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  it('are sent to the configured e-mail address, if any', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'oncall@example.com',
      TopicArn: { Ref: topic.logicalId },
    });
    deployed().template.resourceCountIs('AWS::SNS::Subscription', 0);
  });
});
