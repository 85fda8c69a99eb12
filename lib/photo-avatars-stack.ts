import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { existingSecret } from './api-key-secret.ts';
import { type Configuration, DEFAULT_STAGE } from './config.ts';
import { PhotoAvatars, type PhotoAvatarsProps } from './photo-avatars.ts';

export interface PhotoAvatarsStackProps extends StackProps {
  readonly configuration: Configuration;
}

type HttpProps = Pick<PhotoAvatarsProps, 'jwt' | 'ownRecordsOnly' | 'corsOrigins' | 'domain'>;

/** A configured deployment of the service, with outputs for its users and operators. */
export class PhotoAvatarsStack extends Stack {
  readonly photoAvatars: PhotoAvatars;

  constructor(scope: Construct, id: string, { configuration, ...props }: PhotoAvatarsStackProps) {
    // What is kept is protected. What may go is not, so that one deployment before the deletion is enough.
    super(scope, id, { terminationProtection: configuration.removalPolicy !== 'destroy', ...props });
    const { alarmTopicArn, apiKeySecret, throttleRate, throttleBurst } = configuration;
    const { eventBusName, resultsBusName } = configuration;
    this.photoAvatars = new PhotoAvatars(this, 'PhotoAvatars', {
      alarmEmail: configuration.alarmEmail,
      alarmTopic: alarmTopicArn ? Topic.fromTopicArn(this, 'ExistingAlarmTopic', alarmTopicArn) : undefined,
      runbookUrl: configuration.runbookUrl,
      ...this.#httpProps(configuration),
      joggaiBaseUrl: configuration.joggaiBaseUrl,
      joggaiCallsPerMinute: configuration.joggaiCallsPerMinute,
      dailyCallLimit: configuration.dailyCallLimit,
      dailyCallLimitPerCaller: configuration.dailyCallLimitPerCaller,
      eventBus: eventBusName ? EventBus.fromEventBusName(this, 'EventBus', eventBusName) : undefined,
      eventSources: configuration.eventSources,
      // One stage of an account needs no addresses; further ones must not pay for its events.
      takesUnaddressedEvents: configuration.stage === DEFAULT_STAGE ? true : undefined,
      resultsBus: resultsBusName
        ? EventBus.fromEventBusName(this, 'ResultsEventBus', resultsBusName)
        : undefined,
      eventSchemas: configuration.eventSchemas,
      imageHosts: configuration.imageHosts,
      generationTimeout: Duration.minutes(configuration.generationTimeoutMinutes),
      lowCreditThreshold: configuration.lowCreditThreshold,
      backlogAlarmAfter: Duration.minutes(configuration.backlogAlarmMinutes),
      apiKeySecret: apiKeySecret ? existingSecret(this, 'ExistingSecret', apiKeySecret) : undefined,
      ledgerTableName: configuration.ledgerTableName,
      logRetention: configuration.logRetentionDays,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      memorySize: configuration.memorySize,
      retentionDays: configuration.retentionDays,
      removalPolicy: configuration.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : undefined,
      sourceMaps: configuration.sourceMaps,
    });

    const { http, ledger, images, apiKeySecretId, alarmTopic, api, intake, dispatcher } = this.photoAvatars;
    const { queue, deadLetterQueue, eventQueue, eventDeadLetterQueue, requestRule } = this.photoAvatars;
    this.#output(
      'ServiceName',
      this.photoAvatars.serviceName,
      'Name by which an event is addressed to this service, and by which its own events name it.',
    );
    this.#output('ApiUrl', http.url, 'Base URL of the HTTP API.');
    if (http.domain) {
      this.#output(
        'ApiDomainTarget',
        http.domain.regionalDomainName,
        'Target of the DNS record (CNAME, or alias in Route 53) of your domain.',
      );
    }
    this.#output(
      'TableName',
      ledger.table.tableName,
      'Name of the table that holds all requests (the ledger).',
    );
    this.#output(
      'ImageBucketName',
      images.bucket.bucketName,
      'Name of the bucket that holds the image copies.',
    );
    this.#output('ApiKeySecret', apiKeySecretId, 'ARN or name of the secret that holds the JoggAI API key.');
    this.#output('AlarmTopic', alarmTopic.topic.topicArn, 'ARN of the topic that alarms notify.');
    this.#output(
      'ApiFunctionName',
      api.function.functionName,
      'Name of the function for direct invocations.',
    );
    this.#output(
      'IntakeFunctionName',
      intake.function.functionName,
      'Name of the function that records requests from the queue.',
    );
    this.#output(
      'DispatchFunctionName',
      dispatcher.function.function.functionName,
      'Name of the function that submits queued requests. Invoke it to run it immediately.',
    );
    this.#output('QueueUrl', queue.queueUrl, 'URL of the queue for requests.');
    this.#output(
      'QueueArn',
      queue.queueArn,
      'ARN of the queue for requests, for subscriptions and rule targets.',
    );
    this.#output(
      'DeadLetterQueueUrl',
      deadLetterQueue.queueUrl,
      'URL of the dead-letter queue, with requests that could not be recorded.',
    );
    this.#output(
      'EventDeadLetterQueueUrl',
      eventDeadLetterQueue.queueUrl,
      'URL of the dead-letter queue of the event queue, with events that could not be recorded.',
    );
    this.#output('EventBusName', eventBusName ?? 'default', 'Name of the event bus that delivers requests.');
    this.#output(
      'ResultsBus',
      resultsBusName ?? 'default',
      'Name of the event bus that results are published to.',
    );
    const { eventSchemas } = this.photoAvatars;
    if (eventSchemas) {
      this.#output(
        'EventSchemaRegistry',
        eventSchemas.registry.attrRegistryName,
        'Name of the registry that holds the schemas of all events.',
      );
    }
    this.#output(
      'EventRuleName',
      requestRule.rule.ruleName,
      'Name of the rule that sends request events to the event queue.',
    );
    this.#output(
      'RedriveCommand',
      this.#redriveCommand(deadLetterQueue, queue),
      'Command that moves messages from the dead-letter queue back to the queue.',
    );
    this.#output(
      'EventRedriveCommand',
      this.#redriveCommand(eventDeadLetterQueue, eventQueue),
      'Command that moves events from their dead-letter queue back to the event queue.',
    );
    this.#output(
      'PutApiKeyCommand',
      // Reading without echo and passing by standard input keeps the key off the screen and out of the shell's history
      // and the process list.
      'read -rs key && printf %s "$key" | aws secretsmanager put-secret-value ' +
        `--region ${this.region} --secret-id ${apiKeySecretId} --secret-string file:///dev/stdin; unset key`,
      'Command that stores the JoggAI API key in its secret: run it, paste the key, press Enter.',
    );
  }

  #httpProps({ jwtIssuer, jwtAudience, ...read }: Configuration): HttpProps {
    const { jwtSubmitScope: submit, jwtReadScope: readScope, jwtOperateScope: operate } = read;
    const scopes = submit && readScope && operate ? { submit, read: readScope, operate } : undefined;
    const { domainName: name, certificateArn } = read;
    return {
      jwt: jwtIssuer && jwtAudience ? { issuer: jwtIssuer, audience: jwtAudience, scopes } : undefined,
      ownRecordsOnly: read.ownRecordsOnly,
      corsOrigins: read.corsOrigins,
      domain:
        name && certificateArn
          ? { name, certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn) }
          : undefined,
    };
  }

  #redriveCommand(from: Queue, to: Queue): string {
    return (
      `aws sqs start-message-move-task --region ${this.region} ` +
      `--source-arn ${from.queueArn} --destination-arn ${to.queueArn}`
    );
  }

  #output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
