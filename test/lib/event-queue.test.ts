import { Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { deployed, embedded, functionOf, requestRuleOf, resources, statements } from './synthesize.ts';

const { template } = deployed();
const queueOf = (prefix: string) => {
  const found = resources(template, 'AWS::SQS::Queue').find(({ logicalId }) => logicalId.startsWith(prefix));
  if (!found) throw new Error(`There is no queue ${prefix}.`);
  return found;
};
const queue = queueOf('PhotoAvatarsEventsQueue');
const deadLetters = queueOf('PhotoAvatarsEventsDeadLetters');
const arnOf = ({ logicalId }: { logicalId: string }) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const rule = requestRuleOf(template);

const allowedOn = ({ logicalId }: { logicalId: string }) =>
  resources(template, 'AWS::SQS::QueuePolicy')
    .filter(({ Properties }) => JSON.stringify(Properties.Queues).includes(`"${logicalId}"`))
    .flatMap(({ Properties }) => statements(Properties.PolicyDocument))
    .filter(({ Effect }) => Effect === 'Allow');

describe('the queue of the event rule', () => {
  it('and its dead-letter queue admit this rule only', () => {
    for (const each of [queue, deadLetters]) {
      expect(allowedOn(each)).toEqual([
        expect.objectContaining({
          Principal: { Service: 'events.amazonaws.com' },
          Action: expect.arrayContaining(['sqs:SendMessage']),
          Condition: { ArnEquals: { 'aws:SourceArn': arnOf(rule) } },
        }),
      ]);
    }
  });

  it('is the only target of the rule, which passes the event as EventBridge wrote it', () => {
    expect(rule.Properties.Targets).toEqual([
      { Id: 'Target0', Arn: arnOf(queue), DeadLetterConfig: { Arn: arnOf(deadLetters) } },
    ]);
  });

  it('is not among the queues that grantRequest opens', () => {
    const { stack, photoAvatars, template: synthesized } = embedded();
    const shop = new Role(stack, 'Shop', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    photoAvatars.grantRequest(shop);
    const granted = resources(synthesized(), 'AWS::IAM::Policy')
      .filter(({ logicalId }) => logicalId.startsWith('Shop'))
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument))
      .flatMap(({ Resource }) => Resource);
    expect(granted).toEqual([stack.resolve(photoAvatars.queue.queueArn)]);
  });

  it('is known to intake, which consumes both queues alike', () => {
    const intake = functionOf(template, 'Intake');
    expect(intake.Properties.Environment).toMatchObject({ Variables: { EVENT_QUEUE_ARN: arnOf(queue) } });
    const mappings = resources(template, 'AWS::Lambda::EventSourceMapping').map(
      ({ Properties: { EventSourceArn, ...others } }) => ({ EventSourceArn, others }),
    );
    expect(mappings.map(({ EventSourceArn }) => EventSourceArn)).toEqual([
      arnOf(queueOf('PhotoAvatarsRequestsQueue')),
      arnOf(queue),
    ]);
    expect(mappings[1]?.others).toEqual(mappings[0]?.others);
  });

  it('has the settings of the other queue, and a redrive command that keeps its events on it', () => {
    const { RedrivePolicy, ...settings } = queue.Properties;
    const { RedrivePolicy: _, ...expected } = queueOf('PhotoAvatarsRequestsQueue').Properties;
    expect(settings).toEqual(expected);
    expect(RedrivePolicy).toEqual({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount: 5 });
    const command = JSON.stringify(template.findOutputs('EventRedriveCommand'));
    const arns = [...command.matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].map(([, logicalId]) => logicalId);
    expect(arns).toEqual([deadLetters.logicalId, queue.logicalId]);
  });

  it('has an alarm on its dead-letter queue that names its own redrive command', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [deadLetters.logicalId, 'QueueName'] } }],
      AlarmDescription: Match.stringLikeRegexp("the stack's EventRedriveCommand output"),
    });
  });
});
