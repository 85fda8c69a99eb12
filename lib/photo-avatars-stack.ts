import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { existingSecret } from './api-key-secret.ts';
import type { Configuration } from './config.ts';
import { PhotoAvatars } from './photo-avatars.ts';

export interface PhotoAvatarsStackProps extends StackProps {
  readonly configuration: Configuration;
}

/** One deployment of the service, as configured, and what a person needs to use it. */
export class PhotoAvatarsStack extends Stack {
  readonly photoAvatars: PhotoAvatars;

  constructor(scope: Construct, id: string, { configuration, ...props }: PhotoAvatarsStackProps) {
    super(scope, id, props);
    const { jwtIssuer, jwtAudience, apiKeySecret, throttleRate, throttleBurst } = configuration;
    const { eventBusName, resultsBusName } = configuration;
    this.photoAvatars = new PhotoAvatars(this, 'PhotoAvatars', {
      alarmEmail: configuration.alarmEmail,
      jwt: jwtIssuer && jwtAudience ? { issuer: jwtIssuer, audience: jwtAudience } : undefined,
      joggaiBaseUrl: configuration.joggaiBaseUrl,
      joggaiCallsPerMinute: configuration.joggaiCallsPerMinute,
      dailyCallLimit: configuration.dailyCallLimit,
      eventBus: eventBusName ? EventBus.fromEventBusName(this, 'EventBus', eventBusName) : undefined,
      eventSources: configuration.eventSources,
      resultsBus: resultsBusName
        ? EventBus.fromEventBusName(this, 'ResultsEventBus', resultsBusName)
        : undefined,
      imageHosts: configuration.imageHosts,
      generationTimeout: Duration.minutes(configuration.generationTimeoutMinutes),
      lowCreditThreshold: configuration.lowCreditThreshold,
      backlogAlarmAfter: Duration.minutes(configuration.backlogAlarmMinutes),
      apiKeySecret: apiKeySecret ? existingSecret(this, 'ExistingSecret', apiKeySecret) : undefined,
      logRetention: configuration.logRetentionDays,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      memorySize: configuration.memorySize,
      retentionDays: configuration.retentionDays,
      removalPolicy: configuration.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      sourceMaps: configuration.sourceMaps,
    });

    const { http, ledger, images, apiKeySecretId, alarmTopic, api, intake, dispatcher } = this.photoAvatars;
    const { queue, deadLetterQueue, requestRule } = this.photoAvatars;
    this.#output('ApiUrl', http.url, 'Base URL of the HTTP API.');
    this.#output('TableName', ledger.table.tableName, 'Ledger of all requests.');
    this.#output('ImageBucketName', images.bucket.bucketName, 'Bucket with copies of the pictures.');
    this.#output('ApiKeySecret', apiKeySecretId, 'ARN or name of the secret that holds the JoggAI API key.');
    this.#output('AlarmTopic', alarmTopic.topic.topicArn, 'ARN of the topic that alarms are sent to.');
    this.#output('ApiFunctionName', api.function.functionName, 'Function to invoke directly.');
    this.#output(
      'IntakeFunctionName',
      intake.function.functionName,
      'Function that records what the queue brings.',
    );
    this.#output(
      'DispatchFunctionName',
      dispatcher.function.function.functionName,
      'Function that submits queued requests: invoke it to not wait for the minute to be over.',
    );
    this.#output('QueueUrl', queue.queueUrl, 'Queue that takes requests.');
    this.#output('QueueArn', queue.queueArn, 'The same queue, for subscriptions and rule targets.');
    this.#output('DeadLetterQueueUrl', deadLetterQueue.queueUrl, 'Requests that could not be recorded.');
    this.#output('EventBusName', eventBusName ?? 'default', 'Event bus on which requests are looked for.');
    this.#output('ResultsBus', resultsBusName ?? 'default', 'Event bus on which results are announced.');
    this.#output('EventRuleName', requestRule.rule.ruleName, 'Rule that puts events on the queue.');
    this.#output(
      'RedriveCommand',
      `aws sqs start-message-move-task --region ${this.region} ` +
        `--source-arn ${deadLetterQueue.queueArn} --destination-arn ${queue.queueArn}`,
      'Puts what was set aside back on the queue.',
    );
    this.#output(
      'PutApiKeyCommand',
      // Read without echo and handed on by standard input: the key reaches neither the screen, nor the
      // shell's history, nor the list of processes.
      'read -rs key && printf %s "$key" | aws secretsmanager put-secret-value ' +
        `--region ${this.region} --secret-id ${apiKeySecretId} --secret-string file:///dev/stdin; unset key`,
      'Puts the JoggAI API key into its secret: run it, paste the key, press Enter.',
    );
  }

  #output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
