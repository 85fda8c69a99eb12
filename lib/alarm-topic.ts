import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Alarm, AlarmActionConfig, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  /** @default - no subscription */
  readonly email?: string | undefined;
  /** @default - a topic with a key of its own is created */
  readonly existing?: ITopic | undefined;
}

/**
 * Alarms whose end one rule announces. A pattern may have 2,048 characters, and the name of an alarm 255.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const ALARMS_PER_RULE = 5;

/**
 * The topic that alarms notify. CloudWatch and EventBridge need two permissions: to publish to the topic and to use its
 * key. Without either, notifications are dropped and only the alarm's history shows it. The AWS managed key for SNS
 * cannot grant the second one.
 */
export class AlarmTopic extends Construct implements IAlarmAction {
  readonly topic: ITopic;
  /** Encrypts the notifications. An existing topic has its own or none. */
  readonly key: Key | undefined;
  #announced = 0;
  #rule: Rule | undefined;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    this.key = props.existing ? undefined : this.#createKey();
    // `enforceSSL` adds a topic policy, which replaces the default policy that allows alarms to publish.
    this.topic = props.existing ?? new Topic(this, 'Topic', { masterKey: this.key, enforceSSL: true });
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    this.topic.masterKey?.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarmsToEncrypt',
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'], // in a key policy, this key
        conditions: ofThisAccount,
      }),
    );
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarmsToPublish',
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ...ofThisAccount, ArnLike: { 'aws:SourceArn': this.#alarmsOfThisAccount() } },
      }),
    );
    // Without a condition, because topic policies support none for EventBridge. The grant includes the topic's key.
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    this.topic.grantPublish(new ServicePrincipal('events.amazonaws.com'));
    if (props.email) this.topic.addSubscription(new EmailSubscription(props.email));
  }

  bind(scope: Construct, alarm: Alarm): AlarmActionConfig {
    return new SnsAction(this.topic).bind(scope, alarm);
  }

  /**
   * Notifies the topic when the alarm ends. An OK action would also do so when a new alarm gets its first data, so that
   * a first deployment would send a message for each alarm.
   * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
   */
  announceEnd(alarm: Alarm): void {
    if (this.#announced % ALARMS_PER_RULE === 0) this.#rule = this.#createRule();
    this.#announced += 1;
    this.#rule?.addEventPattern({ resources: [alarm.alarmArn] });
  }

  #createRule(): Rule {
    const name = EventField.fromPath('$.detail.alarmName');
    const reason = EventField.fromPath('$.detail.state.reason');
    // Amazon Q Developer shows only known messages and this format in a chat.
    // https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    const input = RuleTargetInput.fromObject({
      version: '1.0',
      source: 'custom',
      content: { title: `OK: ${name}`, description: `The alarm has ended. ${reason}` },
    });
    const rule = new Rule(this, `Ended${1 + this.#announced / ALARMS_PER_RULE}`, {
      description: 'Notifies the alarm topic when an alarm ends.',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } },
      },
      // Not the CDK's own target: it takes an existing topic for one of another environment.
      targets: [{ bind: () => ({ arn: this.topic.topicArn, input }) }],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'EventBridge tries for a day. A message about an end that waits in a queue would not be read.',
    });
    return rule;
  }

  #createKey(): Key {
    return new Key(this, 'Key', {
      description: 'Encrypts alarm notifications in SNS.',
      enableKeyRotation: true,
      // It encrypts only messages in flight. A retained key would cost money without protecting anything.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #alarmsOfThisAccount(): string {
    return Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
