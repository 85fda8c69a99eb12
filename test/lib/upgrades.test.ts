import { describe, expect, it } from 'vitest';
import { deployed, embedded, resources } from './synthesize.ts';

/** What holds something that a deployment must not lose, or that callers outside know by its name. */
const STATEFUL = {
  PhotoAvatarsLedgerTable16CBE91B: 'AWS::DynamoDB::Table',
  PhotoAvatarsApiKeyE3F6457E: 'AWS::SecretsManager::Secret',
  PhotoAvatarsImagesBucket9DE0BFDE: 'AWS::S3::Bucket',
  PhotoAvatarsRequestsQueueD9CDDC25: 'AWS::SQS::Queue',
  PhotoAvatarsRequestsDeadLetters0EDBC051: 'AWS::SQS::Queue',
  PhotoAvatarsAlarmTopic7140E46A: 'AWS::SNS::Topic',
  PhotoAvatarsAlarmTopicKey3C5E0612: 'AWS::KMS::Key',
  PhotoAvatarsHttpApi53B0BF5E: 'AWS::ApiGatewayV2::Api',
};
const types = [...new Set(Object.values(STATEFUL))];
const found = (template: Parameters<typeof resources>[0]) =>
  Object.fromEntries(
    types.flatMap((type) => resources(template, type).map(({ logicalId }) => [logicalId, type])),
  );

describe('an upgrade', () => {
  // CloudFormation replaces what has another logical id: a new, empty one, under another name.
  it.each([
    ['as it comes', {}],
    ['under another stage', { stage: 'dev' }],
    [
      'with other settings',
      {
        retentionDays: 30,
        alarmEmail: 'oncall@example.com',
        removalPolicy: 'destroy',
        resultsBusName: 'mine',
      },
    ],
  ])('leaves table, secret, bucket, queues, topic, key and API in place: %s', (_, settings) => {
    expect(found(deployed(settings).template)).toEqual(STATEFUL);
  });

  it('does so in a stack of someone else', () => {
    expect(found(embedded().template())).toEqual(STATEFUL);
  });
});
