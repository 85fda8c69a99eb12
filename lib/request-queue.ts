import { ArnFormat, Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type Alarm, type IAlarmAction, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { serviceAlarm } from './service-alarm.ts';
import type { ServiceFunction } from './service-function.ts';

export interface RequestQueueProps {
  /** Takes the messages off the queue, in batches. */
  readonly consumer: ServiceFunction;
  readonly removalPolicy: RemovalPolicy;
  readonly onCall: IAlarmAction;
}

/** The longest that SQS keeps a message. */
const RETENTION = Duration.days(14);

/** Deliveries after which a message is set aside. The consumer fails only while the ledger is out of reach. */
const MOST_RECEIVES = 5;

/** Messages handed out together. */
const BATCH_SIZE = 10;

/** Batches worked on at the same time. A burst waits on the queue, where it costs nothing. */
const MOST_BATCHES = 5;

/** The way in for events. What is taken off it is in the ledger; what cannot be recorded is set aside. */
export class RequestQueue extends Construct {
  readonly queue: Queue;
  /** Holds what could not be recorded in several attempts, or not even be put on the queue. */
  readonly deadLetterQueue: Queue;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: RequestQueueProps) {
    super(scope, id);
    const { timeout } = props.consumer;
    const common = {
      // With a key of SQS's own: SNS and EventBridge need no leave to use it.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      removalPolicy: props.removalPolicy,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', common);
    Validations.of(this.deadLetterQueue).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'It is the dead-letter queue itself.',
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      // A batch must not be handed out again while its first delivery runs, or is tried again after a throttle.
      // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MOST_RECEIVES },
    });
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LetTopicsAndRulesOfThisAccountSend',
        principals: [new ServicePrincipal('sns.amazonaws.com'), new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': this.#topicsAndRulesOfThisAccount() } },
      }),
    );
    // Not `SqsEventSource`: it grants more than Lambda's poller needs.
    // Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html
    props.consumer.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [this.queue.queueArn],
      }),
    );
    const mapping = props.consumer.function.addEventSourceMapping('Requests', {
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: MOST_BATCHES,
      reportBatchItemFailures: true,
    });
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda takes no destination for a queue: what fails goes to its dead-letter queue.',
    });
    this.alarms = [
      serviceAlarm(this, 'DeadLettersAlarm', {
        metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(5),
        }),
        impact:
          'Requests from events are not in the ledger, and nothing becomes of them: they are set aside.',
        remedy: "When the cause is gone, put them back with the stack's RedriveCommand output.",
        section: 'dead-letters',
        onCall: props.onCall,
        // SQS stops reporting on a queue that nobody touches for six hours: what lay in it still does.
        treatMissingData: TreatMissingData.IGNORE,
      }),
    ];
  }

  #topicsAndRulesOfThisAccount(): string[] {
    const stack = Stack.of(this);
    return [
      stack.formatArn({ service: 'sns', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }),
      stack.formatArn({ service: 'events', resource: 'rule', resourceName: '*' }),
    ];
  }
}
