import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRIC, METRICS_NAMESPACE, SERVICE_DIMENSION } from '../../lambda/metrics.ts';
import { deployed, resources, statements, theResource } from './synthesize.ts';

const { template, stack } = deployed({ alarmEmail: 'oncall@example.com' });
const { serviceName } = stack.photoAvatars;

const alarm = z.object({
  AlarmDescription: z.string(),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  Statistic: z.string(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  AlarmActions: z.array(z.unknown()),
  OKActions: z.array(z.unknown()),
});
const alarms = resources(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => alarm.parse(Properties));
const topic = theResource(template, 'AWS::SNS::Topic');
const key = theResource(template, 'AWS::KMS::Key');
const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };

describe('alarms', () => {
  it.each([
    METRIC.insufficientCredit,
    METRIC.noPermission,
    METRIC.invalidApiKey,
    METRIC.missingApiKey,
    METRIC.inDoubt,
    METRIC.unexpectedError,
  ])('%s is watched exactly where the code counts it', (metricName) => {
    expect(alarms.filter((each) => each.MetricName === metricName)).toMatchObject([
      {
        Namespace: METRICS_NAMESPACE,
        Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
        Statistic: 'Sum',
        Threshold: 1,
      },
    ]);
    const environment = theResource(template, 'AWS::Lambda::Function').Properties.Environment;
    expect(environment).toMatchObject({ Variables: { POWERTOOLS_SERVICE_NAME: serviceName } });
  });

  it('errors and throttles of the function are watched', () => {
    const { logicalId } = theResource(template, 'AWS::Lambda::Function');
    const watched = alarms.filter((each) => each.Namespace === 'AWS/Lambda');
    expect(watched.map((each) => each.MetricName).sort()).toEqual(['Errors', 'Throttles']);
    for (const each of watched) {
      expect(each.Dimensions).toEqual([{ Name: 'FunctionName', Value: { Ref: logicalId } }]);
    }
  });

  it('what API Gateway answers in the place of the function is watched, and what the function answers is not', () => {
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

  it('every one tells the topic when it starts and when it ends, and is quiet when nothing happens', () => {
    expect(alarms).toHaveLength(9);
    for (const each of alarms) {
      expect(each.AlarmActions).toEqual([{ Ref: topic.logicalId }]);
      expect(each.OKActions).toEqual([{ Ref: topic.logicalId }]);
      expect(each.TreatMissingData).toBe('notBreaching');
    }
  });

  it('every one has a section in docs/operations.md, and every section an alarm', () => {
    const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const sections = [...document.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    const linked = alarms.map((each) => /docs\/operations\.md#([a-z-]+)$/.exec(each.AlarmDescription)?.[1]);
    expect(linked.sort()).toEqual(sections.sort());
  });
});

describe('the way of an alarm to a person', () => {
  it('leads over a topic that CloudWatch may publish to, for alarms of this account only', () => {
    const policy = theResource(template, 'AWS::SNS::TopicPolicy').Properties;
    expect(policy.Topics).toEqual([{ Ref: topic.logicalId }]);
    const allowed = statements(policy.PolicyDocument).filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([
      { Principal: cloudWatch, Action: ['sns:Publish'], Resource: [{ Ref: topic.logicalId }] },
    ]);
    expect(JSON.stringify(allowed[0]?.Condition)).toMatch(/aws:SourceArn.*AWS::AccountId.*:alarm:\*/);
  });

  it('leads over a key of ours that CloudWatch may encrypt with', () => {
    expect(topic.Properties.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': [key.logicalId, 'Arn'] });
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(statements(key.Properties.KeyPolicy)).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: cloudWatch,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      }),
    );
  });

  it('is closed to publishers without TLS', () => {
    const policy = theResource(template, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument;
    expect(statements(policy)).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  it('ends at the configured e-mail address, and without one at nobody', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'oncall@example.com',
      TopicArn: { Ref: topic.logicalId },
    });
    deployed().template.resourceCountIs('AWS::SNS::Subscription', 0);
  });
});
