import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Alarm, AlarmActionConfig, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  /** @default - no subscription */
  readonly email?: string | undefined;
}

/**
 * The topic that alarms notify. CloudWatch needs two permissions: to publish to the topic and to use its key. Without
 * either, notifications are dropped and only the alarm's history shows it. The AWS managed key for SNS cannot grant the
 * second one.
 */
export class AlarmTopic extends Construct implements IAlarmAction {
  readonly topic: Topic;
  readonly key: Key;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    this.key = new Key(this, 'Key', {
      description: 'Encrypts alarm notifications in SNS.',
      enableKeyRotation: true,
      // It encrypts only messages in flight. A retained key would cost money without protecting anything.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarmsToEncrypt',
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'], // in a key policy, this key
      }),
    );
    this.topic = new Topic(this, 'Topic', { masterKey: this.key, enforceSSL: true });
    // `enforceSSL` adds a topic policy, which replaces the default policy that allows alarms to publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarmsToPublish',
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnLike: { 'aws:SourceArn': this.#alarmsOfThisAccount() } },
      }),
    );
    if (props.email) this.topic.addSubscription(new EmailSubscription(props.email));
  }

  bind(scope: Construct, alarm: Alarm): AlarmActionConfig {
    return new SnsAction(this.topic).bind(scope, alarm);
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
