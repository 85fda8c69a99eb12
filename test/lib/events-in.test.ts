import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import {
  deployed,
  embedded,
  functionOf,
  requestRuleOf,
  resources,
  statements,
  theResource,
} from './synthesize.ts';

const { template } = deployed();
const queues = resources(template, 'AWS::SQS::Queue');
const named = (prefix: string) => queues.find(({ logicalId }) => logicalId.startsWith(prefix));
const deadLetters = named('PhotoAvatarsRequestsDeadLetters');
const queue = named('PhotoAvatarsRequestsQueue');
const eventDeadLetters = named('PhotoAvatarsEventsDeadLetters');
const eventQueue = named('PhotoAvatarsEventsQueue');
const arnOf = (named: { logicalId: string } | undefined) => ({ 'Fn::GetAtt': [named?.logicalId, 'Arn'] });
const policyOf = (named: { logicalId: string } | undefined, from = template) =>
  resources(from, 'AWS::SQS::QueuePolicy')
    .filter(({ Properties }) => JSON.stringify(Properties.Queues).includes(`"${named?.logicalId}"`))
    .flatMap(({ Properties }) => statements(Properties.PolicyDocument));

describe('the request queue', () => {
  it("hides a message for six times intake's timeout and moves it to the dead-letter queue after five receives", () => {
    expect(queues).toHaveLength(4);
    expect(functionOf(template, 'Intake').Properties.Timeout).toBe(60);
    expect(queue?.Properties).toMatchObject({
      VisibilityTimeout: 360,
      RedrivePolicy: { deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount: 5 },
    });
  });

  it('keeps messages for two weeks, as does its dead-letter queue, and both are retained when the stack is deleted', () => {
    for (const each of queues) {
      expect(each.Properties.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
      expect(each.DeletionPolicy).toBe('RetainExceptOnCreate');
    }
    const { template: temporary } = deployed({ removalPolicy: 'destroy' });
    for (const { DeletionPolicy } of resources(temporary, 'AWS::SQS::Queue')) {
      expect(DeletionPolicy).toBe('Delete');
    }
  });

  it('is encrypted, as is its dead-letter queue, and both reject senders without TLS', () => {
    for (const each of queues) {
      expect(each.Properties.SqsManagedSseEnabled).toBe(true);
      expect(policyOf(each)).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('accepts messages from topics and rules of this account only', () => {
    const [allowed, ...others] = policyOf(queue).filter(
      ({ Effect, Condition }) => Effect === 'Allow' && JSON.stringify(Condition).includes('ArnLike'),
    );
    expect(others).toEqual([]);
    expect(allowed).toMatchObject({
      Action: ['sqs:SendMessage'],
      Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] },
    });
    const condition = JSON.stringify(allowed?.Condition);
    expect(condition).toMatch(/aws:SourceArn.*:sns:.*AWS::AccountId.*:\*/);
    expect(condition).toMatch(/:events:.*AWS::AccountId.*:rule\/\*/);
    for (const { Effect, Condition } of policyOf(queue)) {
      if (Effect === 'Allow') expect(JSON.stringify(Condition)).toContain('aws:SourceArn');
    }
  });

  it('is consumed by intake alone, in batches of ten, and only failed messages are redelivered', () => {
    const mappings = resources(template, 'AWS::Lambda::EventSourceMapping').map(
      ({ Properties }) => Properties,
    );
    expect(mappings).toContainEqual(
      expect.objectContaining({
        EventSourceArn: arnOf(queue),
        FunctionName: { Ref: functionOf(template, 'Intake').logicalId },
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 5 },
      }),
    );
  });

  it('has a command that moves messages back from the dead-letter queue', () => {
    const command = JSON.stringify(template.findOutputs('RedriveCommand'));
    expect(command).toMatch(/aws sqs start-message-move-task --region .* --source-arn .* --destination-arn /);
    const arns = [...command.matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].map(([, logicalId]) => logicalId);
    expect(arns).toEqual([deadLetters?.logicalId, queue?.logicalId]);
  });
});

describe('the event rule', () => {
  const rule = requestRuleOf(template);

  it('sends requests of any source to its queue, and failed deliveries to the dead-letter queue of that queue', () => {
    expect(rule.Properties).toMatchObject({
      EventPattern: { 'detail-type': ['Photo Avatar Requested'] },
      State: 'ENABLED',
      Targets: [{ Arn: arnOf(eventQueue), DeadLetterConfig: { Arn: arnOf(eventDeadLetters) } }],
    });
    expect(rule.Properties.EventPattern).not.toHaveProperty('source');
    expect(rule.Properties).not.toHaveProperty('EventBusName');
  });

  it('has permission to send to both queues', () => {
    for (const each of [eventQueue, eventDeadLetters]) {
      expect(policyOf(each)).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': arnOf(rule) } },
        }),
      );
    }
  });

  it('matches events of the configured sources on the configured bus', () => {
    const { template: restricted } = deployed({ eventBusName: 'orders', eventSources: 'my.shop, my.app' });
    expect(requestRuleOf(restricted).Properties).toMatchObject({
      EventBusName: 'orders',
      EventPattern: { 'detail-type': ['Photo Avatar Requested'], source: ['my.shop', 'my.app'] },
    });
    restricted.hasOutput('EventBusName', { Value: 'orders' });
    template.hasOutput('EventBusName', { Value: 'default' });
  });

  it('can be on a bus of the surrounding app', () => {
    const { stack } = embedded();
    const other = embedded({ eventBus: EventBus.fromEventBusName(stack, 'Bus', 'app-bus') });
    expect(requestRuleOf(other.template()).Properties.EventBusName).toBe('app-bus');
  });
});

describe('dispatch', () => {
  it('runs every minute, and failed starts are not retried', () => {
    const { Properties } = theResource(template, 'AWS::Scheduler::Schedule');
    expect(Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arnOf(functionOf(template, 'Dispatch')),
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    });
  });

  it('is invoked by a role with that permission only, which only schedules of this account can assume', () => {
    const role = resources(template, 'AWS::IAM::Role').find(({ logicalId }) =>
      logicalId.includes('ScheduleRole'),
    );
    expect(role?.Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    });
    const policy = resources(template, 'AWS::IAM::Policy').find(({ logicalId }) =>
      logicalId.includes('ScheduleRole'),
    );
    expect(statements(policy?.Properties.PolicyDocument)).toMatchObject([
      { Action: ['lambda:InvokeFunction'], Resource: [arnOf(functionOf(template, 'Dispatch'))] },
    ]);
  });
});
