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
 * Where alarms go. CloudWatch needs leave twice, from the topic and from its key; where either is missing,
 * notifications are dropped and only the alarm's history says so. AWS's own key for SNS cannot give it.
 */
export class AlarmTopic extends Construct implements IAlarmAction {
  readonly topic: Topic;
  readonly key: Key;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    this.key = new Key(this, 'Key', {
      description: 'Encrypts alarm notifications on their way through SNS.',
      enableKeyRotation: true,
      // It protects messages in flight only: nothing is lost with it, and a retained key costs money.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LetAlarmsEncrypt',
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'], // in a key policy: this key
      }),
    );
    this.topic = new Topic(this, 'Topic', { masterKey: this.key, enforceSSL: true });
    // `enforceSSL` brings a policy of the topic's own, which replaces the one that lets alarms publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LetAlarmsPublish',
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
