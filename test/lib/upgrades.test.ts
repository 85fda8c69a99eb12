import { describe, expect, it } from 'vitest';
import { deployed, embedded, resources } from './synthesize.ts';

/** Resources that hold data or that external callers refer to by name. */
const STATEFUL = {
  PhotoAvatarsLedgerTable16CBE91B: 'AWS::DynamoDB::Table',
  PhotoAvatarsApiKeyE3F6457E: 'AWS::SecretsManager::Secret',
  PhotoAvatarsImagesBucket9DE0BFDE: 'AWS::S3::Bucket',
  PhotoAvatarsRequestsQueueD9CDDC25: 'AWS::SQS::Queue',
  PhotoAvatarsRequestsDeadLetters0EDBC051: 'AWS::SQS::Queue',
  PhotoAvatarsEventsQueueB9B3A7B8: 'AWS::SQS::Queue',
  PhotoAvatarsEventsDeadLetters93F24CAD: 'AWS::SQS::Queue',
  PhotoAvatarsAlarmTopic7140E46A: 'AWS::SNS::Topic',
  PhotoAvatarsAlarmTopicKey3C5E0612: 'AWS::KMS::Key',
  PhotoAvatarsHttpApi53B0BF5E: 'AWS::ApiGatewayV2::Api',
};
const types = [...new Set(Object.values(STATEFUL))];
const statefulIn = (template: Parameters<typeof resources>[0]) =>
  Object.fromEntries(
    types.flatMap((type) => resources(template, type).map(({ logicalId }) => [logicalId, type])),
  );

describe('an upgrade', () => {
  // CloudFormation replaces a resource whose logical id changes with a new, empty one.
  it.each([
    ['with defaults', {}],
    ['in another stage', { stage: 'dev' }],
    [
      'with other settings',
      {
        retentionDays: 30,
        alarmEmail: 'oncall@example.com',
        removalPolicy: 'destroy',
        resultsBusName: 'mine',
      },
    ],
  ])('keeps the table, secret, bucket, queues, topic, key and API: %s', (_, settings) => {
    expect(statefulIn(deployed(settings).template)).toEqual(STATEFUL);
  });

  it('keeps them in a surrounding stack, too', () => {
    expect(statefulIn(embedded().template())).toEqual(STATEFUL);
  });
});
