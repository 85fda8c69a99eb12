import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { functionEnvironment } from '../../lambda/shared/environment.ts';
import { deployed, embedded, functionOf, resources, statements, theResource } from './synthesize.ts';

const { template } = deployed();
const FUNCTIONS = ['Api', 'Intake', 'Dispatch'] as const;
const statementsOf = (name: string) =>
  resources(template, 'AWS::IAM::Policy')
    .filter(({ logicalId }) => logicalId.includes(name))
    .flatMap(({ Properties }) => statements(Properties.PolicyDocument));
const allStatements = () =>
  resources(template, 'AWS::IAM::Policy').flatMap(({ Properties }) => statements(Properties.PolicyDocument));

describe('the functions', () => {
  it.each([
    ['Api', 29, 'less than the limit of API Gateway'],
    ['Intake', 60, 'a batch within a minute'],
    ['Dispatch', 120, 'longer than the interval of its schedule'],
  ] as const)('run on Node 24 and arm64: %s for %i s, %s', (name, timeout, _) => {
    expect(functionOf(template, name).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: timeout,
      MemorySize: 512,
    });
  });

  it.each(FUNCTIONS)('are not traced: %s', (name) => {
    expect(functionOf(template, name).Properties).not.toHaveProperty('TracingConfig');
  });

  it('have roles without X-Ray permissions', () => {
    const actions = allStatements().flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => action.startsWith('xray:'))).toEqual([]);
  });

  it('get exactly the environment variables that they read, and all get the same', () => {
    const { template: all } = deployed({
      retentionDays: 30,
      dailyCallLimitPerCaller: 100,
      ownRecordsOnly: true,
    });
    const environments = resources(all, 'AWS::Lambda::Function').map(
      ({ Properties }) => Properties.Environment,
    );
    expect(environments).toHaveLength(FUNCTIONS.length);
    // Lambda reserves and sets the region. On AWS the code uses its default limits for remote calls.
    const notSet = ['AWS_REGION', 'REMOTE_TIMEOUT_MS'];
    const names = Object.keys(functionEnvironment.shape)
      .filter((name) => !notSet.includes(name))
      .sort();
    expect(Object.keys(Object(environments[0]).Variables).sort()).toEqual(names);
    for (const environment of environments) expect(environment).toEqual(environments[0]);
  });

  it('read source maps only if configured', () => {
    expect(JSON.stringify(functionOf(template, 'Api').Properties.Environment)).not.toContain('NODE_OPTIONS');
    deployed({ sourceMaps: 'true' }).template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
    });
  });

  it.each(FUNCTIONS)('write unmodified log lines to their own log groups, which expire: %s', (name) => {
    const group = resources(template, 'AWS::Logs::LogGroup').find(
      ({ logicalId }) => logicalId.includes(name) && logicalId.includes('Handler'),
    );
    expect(functionOf(template, name).Properties.LoggingConfig).toEqual({
      LogFormat: 'Text',
      LogGroup: { Ref: group?.logicalId },
    });
    expect(group?.Properties.RetentionInDays).toBe(90);
  });

  it.each(FUNCTIONS)('are not retried by Lambda after a failed asynchronous invocation: %s', (name) => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: functionOf(template, name).logicalId },
      MaximumRetryAttempts: 0,
    });
  });

  const COMMON = [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
  ];
  const ON_IMAGES = [
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:ListBucketVersions',
    's3:PutObject',
  ];
  const ON_QUEUE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

  it.each([
    ['ApiHandler', [...COMMON, 's3:GetObject']],
    ['IntakeHandler', [...COMMON, ...ON_QUEUE]],
    ['DispatchHandler', [...COMMON, 'dynamodb:Scan', ...ON_IMAGES, 'events:PutEvents']],
    ['ScheduleRole', ['lambda:InvokeFunction']],
  ])('have only the permissions that they need: %s', (name, actions) => {
    expect(
      statementsOf(name)
        .flatMap(({ Action }) => Action)
        .sort(),
    ).toEqual([...actions].sort());
  });

  it.each([
    ['ApiHandler', ['open', 'byStatus', 'byCaller']],
    ['IntakeHandler', ['open']],
    ['DispatchHandler', ['byStatus', 'open']],
  ])('query only the indexes that they use: %s by %j', (name, indexes) => {
    const [query, ...others] = statementsOf(name).filter(({ Action }) => Action.includes('dynamodb:Query'));
    expect(others).toEqual([]);
    const { logicalId } = theResource(template, 'AWS::DynamoDB::Table');
    expect([query?.Resource].flat()).toEqual(
      expect.arrayContaining(
        indexes.map((index) => ({
          'Fn::Join': ['', [{ 'Fn::GetAtt': [logicalId, 'Arn'] }, `/index/${index}`]],
        })),
      ),
    );
    expect([query?.Resource].flat()).toHaveLength(indexes.length);
  });

  it('scan one index at most: dispatch that of the open records', () => {
    const scans = allStatements().filter(({ Action }) => Action.includes('dynamodb:Scan'));
    const { logicalId } = theResource(template, 'AWS::DynamoDB::Table');
    expect(scans.flatMap(({ Resource }) => Resource)).toEqual([
      { 'Fn::Join': ['', [{ 'Fn::GetAtt': [logicalId, 'Arn'] }, '/index/open']] },
    ]);
  });

  it('have no managed policies, which grant more than they need', () => {
    const roles = resources(template, 'AWS::IAM::Role');
    expect(roles).toHaveLength(4);
    for (const { Properties } of roles) expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  it('have permissions on named resources only, images excepted', () => {
    for (const { Resource } of allStatements()) {
      // Image keys are not known in advance; all have one prefix in one bucket.
      const named = JSON.stringify(Resource).replace('/images/*', '');
      expect(named).not.toContain('*');
    }
  });

  it('can be granted to a role: direct invocation, requests by the queue, and dispatch on demand', () => {
    const { stack, photoAvatars, template: synthesized } = embedded();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    photoAvatars.grantDirectInvoke(role);
    photoAvatars.grantRequest(role);
    photoAvatars.grantDispatch(role);
    const caller = resources(synthesized(), 'AWS::IAM::Policy').find(({ logicalId }) =>
      logicalId.startsWith('Caller'),
    );
    const allowed = statements(caller?.Properties.PolicyDocument);
    expect(new Set(allowed.flatMap(({ Action }) => Action))).toEqual(
      new Set(['lambda:InvokeFunction', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']),
    );
    const grantedOn = JSON.stringify(allowed.flatMap(({ Resource }) => Resource));
    for (const { logicalId } of [functionOf(synthesized(), 'Api'), functionOf(synthesized(), 'Dispatch')]) {
      expect(grantedOn).toContain(logicalId);
    }
    expect(grantedOn).not.toContain(functionOf(synthesized(), 'Intake').logicalId);
  });
});
