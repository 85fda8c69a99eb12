import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
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
    this.photoAvatars = new PhotoAvatars(this, 'PhotoAvatars', {
      alarmEmail: configuration.alarmEmail,
      jwt: jwtIssuer && jwtAudience ? { issuer: jwtIssuer, audience: jwtAudience } : undefined,
      joggaiBaseUrl: configuration.joggaiBaseUrl,
      joggaiCallsPerMinute: configuration.joggaiCallsPerMinute,
      dailyCallLimit: configuration.dailyCallLimit,
      apiKeySecret: apiKeySecret ? existingSecret(this, 'ExistingSecret', apiKeySecret) : undefined,
      logRetention: configuration.logRetentionDays,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      memorySize: configuration.memorySize,
      retentionDays: configuration.retentionDays,
      removalPolicy: configuration.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      sourceMaps: configuration.sourceMaps,
    });

    const { http, ledger, apiKeySecretId, alarmTopic, api } = this.photoAvatars;
    this.#output('ApiUrl', http.url, 'Base URL of the HTTP API.');
    this.#output('TableName', ledger.table.tableName, 'Ledger of all requests.');
    this.#output('ApiKeySecret', apiKeySecretId, 'ARN or name of the secret that holds the JoggAI API key.');
    this.#output('AlarmTopic', alarmTopic.topic.topicArn, 'ARN of the topic that alarms are sent to.');
    this.#output('ApiFunctionName', api.function.functionName, 'Function to invoke directly.');
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
