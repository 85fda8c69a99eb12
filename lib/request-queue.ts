import { ArnFormat, Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type Alarm, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  MAX_RECEIVE_COUNT,
  MESSAGE_RETENTION_DAYS,
  VISIBILITY_TIMEOUT_FACTOR,
} from '../lambda/shared/limits.ts';
import type { OnCall } from './on-call.ts';
import { serviceAlarm } from './service-alarm.ts';

export interface RequestQueueProps {
  /** Timeout of the function that receives the messages. */
  readonly consumerTimeout: Duration;
  /** Whether every topic and rule of this account may send to it. */
  readonly admitsTopicsAndRules: boolean;
  /** The stack's output with the command that moves dead letters back to this queue. */
  readonly redriveOutput: string;
  readonly removalPolicy: RemovalPolicy;
  readonly onCall: OnCall;
}

const BATCH_SIZE = 10;

/** Concurrent batches. A burst waits on the queue, where waiting costs nothing. */
const MAX_BATCHES = 5;

/** A queue for requests. Consumed messages are in the ledger; others move to the dead-letter queue. */
export class RequestQueue extends Construct {
  readonly queue: Queue;
  /** Receives messages that intake could not record, and events that the rule could not send to the queue. */
  readonly deadLetterQueue: Queue;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: RequestQueueProps) {
    super(scope, id);
    const common = {
      // A key that SQS manages: SNS and EventBridge need no permission for it.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(MESSAGE_RETENTION_DAYS),
      removalPolicy: props.removalPolicy,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', common);
    Validations.of(this.deadLetterQueue).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'This is the dead-letter queue.',
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      // A batch must stay hidden while intake processes it, including retries after throttling.
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUT_FACTOR * props.consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    if (props.admitsTopicsAndRules) this.#admitTopicsAndRules();
    this.alarms = [
      serviceAlarm(this, 'DeadLettersAlarm', {
        metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(5),
        }),
        impact:
          'Requests from events were not recorded and are not processed: they are in the dead-letter queue.',
        remedy: `Fix the cause, then move them back with the stack's ${props.redriveOutput} output.`,
        section: 'dead-letters',
        followsState: true,
        onCall: props.onCall,
        // SQS stops reporting metrics of a queue after six hours without activity, while messages remain in it.
        treatMissingData: TreatMissingData.IGNORE,
      }),
    ];
  }

  /** Delivers the messages to the function, in batches. */
  deliverTo(consumer: LambdaFunction): void {
    // Not `SqsEventSource`: it grants more permissions than Lambda's poller needs.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html
    consumer.addToRolePolicy(
      new PolicyStatement({
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [this.queue.queueArn],
      }),
    );
    const mapping = consumer.addEventSourceMapping(this.node.id, {
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: MAX_BATCHES,
      reportBatchItemFailures: true,
    });
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda supports no destination for a queue: failed messages move to its dead-letter queue.',
    });
  }

  #admitTopicsAndRules(): void {
    const stack = Stack.of(this);
    const topics = stack.formatArn({ service: 'sns', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME });
    const rules = stack.formatArn({ service: 'events', resource: 'rule', resourceName: '*' });
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowTopicsAndRulesOfThisAccount',
        principals: [new ServicePrincipal('sns.amazonaws.com'), new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': [topics, rules] } },
      }),
    );
  }
}
