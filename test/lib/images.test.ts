import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { createImageStore } from '../../lambda/adapters/images/image-store.ts';
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

describe('the image bucket', () => {
  it('blocks public access, is encrypted, and owns its objects', () => {
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

  it('rejects requests without TLS', () => {
    const policy = theResource(template, 'AWS::S3::BucketPolicy').Properties;
    expect(policy.Bucket).toEqual({ Ref: bucket.logicalId });
    expect(statements(policy.PolicyDocument)).toMatchObject([
      { Effect: 'Deny', Action: ['s3:*'], Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  it('keeps its images, aborts incomplete uploads, and is retained when the stack is deleted', () => {
    expect(bucket.Properties.LifecycleConfiguration).toEqual({
      Rules: [
        {
          Id: 'AbortIncompleteUploads',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
        },
      ],
    });
    expect(bucket.Properties).not.toHaveProperty('VersioningConfiguration');
    expect(bucket.DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  it('deletes an image when the ledger deletes its request', () => {
    const { template: expiring } = deployed({ retentionDays: '30' });
    expect(theResource(expiring, 'AWS::S3::Bucket').Properties.LifecycleConfiguration).toMatchObject({
      Rules: [
        { Id: 'AbortIncompleteUploads' },
        { Id: 'ExpireImages', Status: 'Enabled', ExpirationInDays: 30 },
      ],
    });
  });

  it('adds no function that empties it, even if it is deleted with the stack', () => {
    const { template: temporary } = deployed({ removalPolicy: 'destroy' });
    expect(resources(temporary, 'AWS::Lambda::Function')).toHaveLength(3);
    expect(JSON.stringify(temporary.toJSON())).not.toMatch(/Custom::/);
  });

  const objects = {
    'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket.logicalId, 'Arn'] }, '/images/*']],
  };

  it.each([
    ['s3:PutObject', 'Dispatch'],
    ['s3:AbortMultipartUpload', 'Dispatch'],
    ['s3:DeleteObject', 'Dispatch'],
    ['s3:DeleteObjectVersion', 'Dispatch'],
    ['s3:GetObject', 'ApiHandler'],
  ])('grants %s to %s alone, on the image prefix', (action, name) => {
    expect(granted(action)).toEqual([{ logicalId: expect.stringContaining(name), Resource: [objects] }]);
  });

  it('lets dispatch alone list versions, of images and of nothing else', () => {
    const allowing = resources(template, 'AWS::IAM::Policy').flatMap(({ logicalId, Properties }) =>
      statements(Properties.PolicyDocument)
        .filter(({ Action }) => Action.some((action) => action.startsWith('s3:List')))
        .map((statement) => ({ ...statement, logicalId })),
    );
    expect(allowing).toEqual([
      {
        logicalId: expect.stringContaining('Dispatch'),
        Effect: 'Allow',
        Action: ['s3:ListBucketVersions'],
        Resource: [{ 'Fn::GetAtt': [bucket.logicalId, 'Arn'] }],
        Condition: { StringLike: { 's3:prefix': 'images/*' } },
      },
    ]);
  });

  it('is passed to the functions by its name and its regional origin', () => {
    for (const variables of variablesOf()) {
      expect(variables).toMatchObject({
        IMAGE_BUCKET: { Ref: bucket.logicalId },
        IMAGE_ORIGIN: {
          'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [bucket.logicalId, 'RegionalDomainName'] }]],
        },
      });
    }
  });

  it('accepts images from JoggAI only, or from the configured hosts', () => {
    for (const { IMAGE_HOSTS } of variablesOf()) expect(IMAGE_HOSTS).toBe('jogg.ai,*.jogg.ai');
    const { template: other } = deployed({ imageHosts: 'a.example.com, *.b.example.com' });
    for (const { IMAGE_HOSTS } of variablesOf(other))
      expect(IMAGE_HOSTS).toBe('a.example.com,*.b.example.com');
  });

  it.each(['https://res.jogg.ai.example.com/a.png', 'https://notjogg.ai/a.png'])(
    'refuses a host that resembles an allowed one: %s',
    async (url) => {
      const [{ IMAGE_HOSTS } = { IMAGE_HOSTS: '' }] = variablesOf();
      const { copy } = createImageStore({ bucketName: 'none', hosts: String(IMAGE_HOSTS).split(',') });
      expect(await copy(url, 'name')).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('is not one of imageHosts'),
      });
    },
  );
});

describe('a generation', () => {
  it('is polled for as long as configured', () => {
    for (const { GENERATION_TIMEOUT_MINUTES } of variablesOf()) expect(GENERATION_TIMEOUT_MINUTES).toBe('60');
    const { template: longer } = deployed({ generationTimeoutMinutes: '90' });
    for (const { GENERATION_TIMEOUT_MINUTES } of variablesOf(longer)) {
      expect(GENERATION_TIMEOUT_MINUTES).toBe('90');
    }
  });
});

describe('the results bus', () => {
  const arnOf = (name: string) => expect.stringMatching(new RegExp(`:event-bus/${name}"`));

  it.each([
    ['the default bus', {}, 'default'],
    ['the configured bus', { resultsBusName: 'results' }, 'results'],
  ])('is %s, and dispatch may publish to it only', (_, settings, name) => {
    const { template: synthesized } = deployed(settings);
    const [publishes, ...others] = granted('events:PutEvents', synthesized);
    expect(others).toEqual([]);
    expect(publishes?.logicalId).toContain('Dispatch');
    expect(JSON.stringify(publishes?.Resource)).toEqual(arnOf(name));
    for (const { EVENT_BUS } of variablesOf(synthesized)) expect(publishes?.Resource).toEqual([EVENT_BUS]);
    synthesized.hasOutput('ResultsBus', { Value: name });
  });

  it('can be a bus of another account, which is not confused with a bus of the same name here', () => {
    const remoteArn = 'arn:aws:events:eu-west-1:444455556666:event-bus/results';
    const { stack } = embedded();
    const { template: synthesized } = embedded({
      resultsBus: EventBus.fromEventBusArn(stack, 'Remote', remoteArn),
    });
    for (const { EVENT_BUS } of variablesOf(synthesized())) expect(EVENT_BUS).toBe(remoteArn);
    expect(granted('events:PutEvents', synthesized())).toMatchObject([{ Resource: [remoteArn] }]);
  });
});
