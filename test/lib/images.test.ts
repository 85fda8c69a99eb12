import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { createImageKeeper } from '../../lambda/adapters/image-keeper.ts';
import { deployed, embedded, resources, statements, theResource } from './synthesize.ts';

const { template } = deployed();
const bucket = theResource(template, 'AWS::S3::Bucket');
const granted = (action: string, from = template) =>
  resources(from, 'AWS::IAM::Policy').flatMap(({ logicalId, Properties }) =>
    statements(Properties.PolicyDocument)
      .filter(({ Action }) => Action.includes(action))
      .map(({ Resource }) => ({ logicalId, Resource })),
  );
const variablesOf = (from = template) =>
  resources(from, 'AWS::Lambda::Function').map(({ Properties }) => Object(Properties.Environment).Variables);

describe('the bucket of the pictures', () => {
  it('is closed to the public, encrypted, and its objects belong to its owner', () => {
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it('is closed without TLS', () => {
    const policy = theResource(template, 'AWS::S3::BucketPolicy').Properties;
    expect(policy.Bucket).toEqual({ Ref: bucket.logicalId });
    expect(statements(policy.PolicyDocument)).toMatchObject([
      { Effect: 'Deny', Action: ['s3:*'], Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  it('keeps what it holds, but for what a broken upload left, and outlives the stack', () => {
    expect(bucket.Properties.LifecycleConfiguration).toEqual({
      Rules: [
        {
          Id: 'DropBrokenUploads',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
        },
      ],
    });
    expect(bucket.Properties).not.toHaveProperty('VersioningConfiguration');
    expect(bucket.DeletionPolicy).toBe('Retain');
  });

  it('forgets a picture when the ledger forgets its request', () => {
    const { template: forgetful } = deployed({ retentionDays: '30' });
    expect(theResource(forgetful, 'AWS::S3::Bucket').Properties.LifecycleConfiguration).toMatchObject({
      Rules: [{ Id: 'DropBrokenUploads' }, { Id: 'Forget', Status: 'Enabled', ExpirationInDays: 30 }],
    });
  });

  it('brings no function with leave to delete pictures, also where it goes with the stack', () => {
    const { template: temporary } = deployed({ removalPolicy: 'destroy' });
    expect(resources(temporary, 'AWS::Lambda::Function')).toHaveLength(3);
    expect(JSON.stringify(temporary.toJSON())).not.toMatch(/Custom::|s3:Delete/);
  });

  const objects = {
    'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket.logicalId, 'Arn'] }, '/images/*']],
  };

  it.each([
    ['s3:PutObject', 'Dispatch'],
    ['s3:AbortMultipartUpload', 'Dispatch'],
    ['s3:GetObject', 'ApiHandler'],
  ])('%s is for %s alone, where pictures lie', (action, name) => {
    expect(granted(action)).toEqual([{ logicalId: expect.stringContaining(name), Resource: [objects] }]);
  });

  it('is known to the functions by its name and by the address that it has in its region', () => {
    for (const variables of variablesOf()) {
      expect(variables).toMatchObject({
        IMAGE_BUCKET: { Ref: bucket.logicalId },
        IMAGE_ORIGIN: {
          'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [bucket.logicalId, 'RegionalDomainName'] }]],
        },
      });
    }
  });

  it('takes pictures from JoggAI alone, or from the hosts that are configured', () => {
    for (const { IMAGE_HOSTS } of variablesOf()) expect(IMAGE_HOSTS).toBe('jogg.ai,*.jogg.ai');
    const { template: other } = deployed({ imageHosts: 'a.example.com, *.b.example.com' });
    for (const { IMAGE_HOSTS } of variablesOf(other))
      expect(IMAGE_HOSTS).toBe('a.example.com,*.b.example.com');
  });

  it.each(['https://res.jogg.ai.example.com/a.png', 'https://notjogg.ai/a.png'])(
    'refuses a look-alike of the hosts that are let in: %s',
    async (url) => {
      const [{ IMAGE_HOSTS } = { IMAGE_HOSTS: '' }] = variablesOf();
      const { keep } = createImageKeeper({ bucketName: 'none', hosts: String(IMAGE_HOSTS).split(',') });
      expect(await keep(url, 'name')).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('is not on the list of image hosts'),
      });
    },
  );
});

describe('a generation', () => {
  it('is followed for as long as configured', () => {
    for (const { GENERATION_TIMEOUT_MINUTES } of variablesOf()) expect(GENERATION_TIMEOUT_MINUTES).toBe('60');
    const { template: patient } = deployed({ generationTimeoutMinutes: '90' });
    for (const { GENERATION_TIMEOUT_MINUTES } of variablesOf(patient)) {
      expect(GENERATION_TIMEOUT_MINUTES).toBe('90');
    }
  });
});

describe('the bus of the results', () => {
  const arnOf = (name: string) => expect.stringMatching(new RegExp(`:event-bus/${name}"`));

  it.each([
    ['the default bus', {}, 'default'],
    ['the configured bus', { resultsBusName: 'results' }, 'results'],
  ])('is %s, dispatch may announce there and nowhere else', (_, settings, name) => {
    const { template: taken } = deployed(settings);
    const [announces, ...others] = granted('events:PutEvents', taken);
    expect(others).toEqual([]);
    expect(announces?.logicalId).toContain('Dispatch');
    expect(JSON.stringify(announces?.Resource)).toEqual(arnOf(name));
    for (const { EVENT_BUS } of variablesOf(taken)) expect(announces?.Resource).toEqual([EVENT_BUS]);
    taken.hasOutput('ResultsBus', { Value: name });
  });

  it('can be a bus of another account, and is then not taken for one of the same name here', () => {
    const there = 'arn:aws:events:eu-west-1:444455556666:event-bus/results';
    const { stack } = embedded();
    const { template: taken } = embedded({ resultsBus: EventBus.fromEventBusArn(stack, 'There', there) });
    for (const { EVENT_BUS } of variablesOf(taken())) expect(EVENT_BUS).toBe(there);
    expect(granted('events:PutEvents', taken())).toMatchObject([{ Resource: [there] }]);
  });
});
