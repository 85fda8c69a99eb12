import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { METRIC } from '../../lambda/shared/metrics.ts';
import { LEDGER_SCHEMA } from '../../lambda/shared/table.ts';
import { PhotoAvatars } from '../../lib/photo-avatars.ts';
import { anApp, deployed, embedded, functionOf, resources, statements, theResource } from './synthesize.ts';

const { template } = deployed();
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret';
const table = theResource(template, 'AWS::DynamoDB::Table');
const theFunction = functionOf(template, 'Api');
const allStatements = (from = template) =>
  resources(from, 'AWS::IAM::Policy').flatMap(({ Properties }) => statements(Properties.PolicyDocument));

describe('the ledger', () => {
  it('has the keys and indexes that the code uses', () => {
    const schema = (partitionKey: string, sortKey: string) => [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ];
    expect(table.Properties.KeySchema).toEqual([
      { AttributeName: LEDGER_SCHEMA.partitionKey, KeyType: 'HASH' },
    ]);
    expect(table.Properties.GlobalSecondaryIndexes).toEqual(
      Object.values(LEDGER_SCHEMA.indexes).map(({ indexName, partitionKey, sortKey }) => ({
        IndexName: indexName,
        KeySchema: schema(partitionKey, sortKey),
        Projection: { ProjectionType: 'ALL' },
      })),
    );
  });

  it('is billed on demand, has point-in-time recovery, and is retained when the stack is deleted', () => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(table.DeletionPolicy).toBe('Retain');
  });

  it('is deleted with the stack if configured, as are secret, logs and images', () => {
    const { template: temporary } = deployed({ removalPolicy: 'destroy' });
    const types = ['DynamoDB::Table', 'SecretsManager::Secret', 'Logs::LogGroup', 'S3::Bucket'];
    for (const type of types) {
      const policies = resources(temporary, `AWS::${type}`).map(({ DeletionPolicy }) => DeletionPolicy);
      expect(new Set(policies), type).toEqual(new Set(['Delete']));
    }
  });

  it('deletes records only if configured, on the table and in the functions', () => {
    expect(table.Properties).not.toHaveProperty('TimeToLiveSpecification');
    expect(theFunction.Properties.Environment).not.toHaveProperty('Variables.RETENTION_DAYS');
    const { template: expiring } = deployed({ retentionDays: '30' });
    expiring.hasResourceProperties('AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: LEDGER_SCHEMA.timeToLive, Enabled: true },
    });
    expiring.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { RETENTION_DAYS: '30' } },
    });
  });
});

describe('the API key', () => {
  it('has a secret without a value, which no deployment can overwrite', () => {
    const { Properties } = theResource(template, 'AWS::SecretsManager::Secret');
    expect(Object.keys(Properties)).toEqual(['Description']);
  });

  it.each([
    ['by name', 'jogg-secret', /:secret:jogg-secret-\?{6}"/, 'jogg-secret'],
    ['by partial ARN', `${ARN}:jogg/key`, /:secret:jogg\/key-\?{6}"/, 'jogg/key'],
    ['by ARN', `${ARN}:jogg-secret-a1B2c3`, /:secret:jogg-secret-a1B2c3"/, `${ARN}:jogg-secret-a1B2c3`],
  ])('can be in an existing secret, given %s', (_, apiKeySecret, readable, secretId) => {
    const { template: existing } = deployed({ apiKeySecret });
    existing.resourceCountIs('AWS::SecretsManager::Secret', 0);
    const reads = allStatements(existing).filter(({ Action }) =>
      Action.includes('secretsmanager:GetSecretValue'),
    );
    expect(reads).toHaveLength(3);
    for (const { Resource } of reads) expect(JSON.stringify(Resource)).toMatch(readable);
    existing.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: { API_KEY_SECRET: secretId } },
    });
    existing.hasOutput('ApiKeySecret', { Value: secretId });
  });
});

describe('the outputs', () => {
  const output = (name: string) => JSON.stringify(template.findOutputs(name)[name]);

  it('contain everything that users and operators need', () => {
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual(
      [
        ...['AlarmTopic', 'ApiFunctionName', 'ApiKeySecret', 'ApiUrl', 'PutApiKeyCommand', 'TableName'],
        ...['IntakeFunctionName', 'DispatchFunctionName', 'QueueUrl', 'QueueArn', 'DeadLetterQueueUrl'],
        ...['EventBusName', 'EventRuleName', 'RedriveCommand', 'ImageBucketName', 'ResultsBus'],
        ...['ServiceName', 'EventDeadLetterQueueUrl', 'EventRedriveCommand'],
      ].sort(),
    );
    expect(output('TableName')).toContain(`{"Ref":"${table.logicalId}"}`);
    expect(output('ApiFunctionName')).toContain(`{"Ref":"${theFunction.logicalId}"}`);
  });

  it('contain a command that stores the key in the secret without showing it', () => {
    const { logicalId } = theResource(template, 'AWS::SecretsManager::Secret');
    expect(output('PutApiKeyCommand')).toContain(`--secret-id ",{"Fn::GetAtt":["${logicalId}","Id"]}`);
    expect(output('PutApiKeyCommand')).toContain('--secret-string file:///dev/stdin');
  });
});

describe('PhotoAvatars', () => {
  it('can be in one stack twice, without shared resources', () => {
    const stack = new Stack(anApp(), 'Other');
    const [one, other] = [new PhotoAvatars(stack, 'One'), new PhotoAvatars(stack, 'Other')];
    expect(one.serviceName).not.toBe(other.serviceName);
    const both = Template.fromStack(stack);
    both.resourceCountIs('AWS::DynamoDB::Table', 2);
    both.resourceCountIs('AWS::CloudWatch::Alarm', 2 * one.alarms.length);
  });

  it('has another service name in another stack', () => {
    const app = anApp();
    const names = ['A', 'B'].map((id) => new PhotoAvatars(new Stack(app, id), 'PhotoAvatars').serviceName);
    expect(new Set(names).size).toBe(2);
  });

  it('sets no physical names, which could collide', () => {
    const named = [
      'TableName',
      'FunctionName',
      'LogGroupName',
      'TopicName',
      'QueueName',
      'RoleName',
      'AlarmName',
      'DashboardName',
      'BucketName',
    ];
    const types = ['DynamoDB::Table', 'Lambda::Function', 'Logs::LogGroup', 'SNS::Topic', 'IAM::Role'];
    types.push('SQS::Queue', 'Events::Rule', 'Scheduler::Schedule', 'S3::Bucket');
    for (const type of [...types, 'CloudWatch::Alarm', 'CloudWatch::Dashboard', 'SecretsManager::Secret']) {
      for (const { Properties } of resources(template, `AWS::${type}`)) {
        expect(
          Object.keys(Properties).filter((property) => named.includes(property) || property === 'Name'),
        ).toEqual([]);
      }
    }
  });

  it('returns its metrics under the names that its code uses', () => {
    const { photoAvatars } = embedded();
    expect(photoAvatars.metricAccepted()).toMatchObject({
      metricName: METRIC.accepted,
      dimensions: { service: photoAvatars.serviceName },
    });
    expect(photoAvatars.metricInDoubt().metricName).toBe(METRIC.inDoubt);
    expect(photoAvatars.metricJoggaiLatency().statistic).toBe('p99');
  });
});
