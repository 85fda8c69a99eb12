import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { functionEnvironment } from '../../lambda/environment.ts';
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
    ['Api', 29, 'before API Gateway gives up'],
    ['Intake', 60, 'a batch within a minute'],
    ['Dispatch', 120, 'longer than from one run to the next'],
  ] as const)('run on Node 24 and arm64, and are traced: %s for %i s, %s', (name, timeout, _) => {
    expect(functionOf(template, name).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: timeout,
      MemorySize: 512,
      TracingConfig: { Mode: 'Active' },
    });
  });

  it('get exactly the environment that they read, and all of them the same', () => {
    const { template: all } = deployed({ retentionDays: 1 });
    const environments = resources(all, 'AWS::Lambda::Function').map(
      ({ Properties }) => Properties.Environment,
    );
    expect(environments).toHaveLength(FUNCTIONS.length);
    // Lambda sets the region, and takes it from nobody else; on AWS the limits on remote calls are the code's own.
    const notSet = ['AWS_REGION', 'REMOTE_TIMEOUT_MS'];
    const names = Object.keys(functionEnvironment.shape)
      .filter((name) => !notSet.includes(name))
      .sort();
    expect(Object.keys(Object(environments[0]).Variables).sort()).toEqual(names);
    for (const environment of environments) expect(environment).toEqual(environments[0]);
  });

  it('read source maps only where they are configured', () => {
    expect(JSON.stringify(functionOf(template, 'Api').Properties.Environment)).not.toContain('NODE_OPTIONS');
    deployed({ sourceMaps: 'true' }).template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
    });
  });

  it.each(FUNCTIONS)('write log lines as they are, into log groups of their own that forget: %s', (name) => {
    const group = resources(template, 'AWS::Logs::LogGroup').find(
      ({ logicalId }) => logicalId.includes(name) && logicalId.includes('Handler'),
    );
    expect(functionOf(template, name).Properties.LoggingConfig).toEqual({
      LogFormat: 'Text',
      LogGroup: { Ref: group?.logicalId },
    });
    expect(group?.Properties.RetentionInDays).toBe(90);
  });

  it.each(FUNCTIONS)(
    'are not run again by Lambda after an asynchronous invocation that failed: %s',
    (name) => {
      template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
        FunctionName: { Ref: functionOf(template, name).logicalId },
        MaximumRetryAttempts: 0,
      });
    },
  );

  const COMMON = [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ];
  const ON_QUEUE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

  it.each([
    ['ApiHandler', [...COMMON, 's3:GetObject']],
    ['IntakeHandler', [...COMMON, ...ON_QUEUE]],
    ['DispatchHandler', [...COMMON, 's3:AbortMultipartUpload', 's3:PutObject', 'events:PutEvents']],
    ['ScheduleRole', ['lambda:InvokeFunction']],
  ])('may do what they do and nothing else: %s', (name, actions) => {
    expect(
      statementsOf(name)
        .flatMap(({ Action }) => Action)
        .sort(),
    ).toEqual([...actions].sort());
  });

  it.each([
    ['ApiHandler', 'byStatus'],
    ['IntakeHandler', 'open'],
    ['DispatchHandler', 'open'],
  ])('list records by the one index that they use: %s by %s', (name, index) => {
    const [query, ...others] = statementsOf(name).filter(({ Action }) => Action.includes('dynamodb:Query'));
    expect(others).toEqual([]);
    expect(query?.Resource).toEqual([
      {
        'Fn::Join': [
          '',
          [
            { 'Fn::GetAtt': [theResource(template, 'AWS::DynamoDB::Table').logicalId, 'Arn'] },
            `/index/${index}`,
          ],
        ],
      },
    ]);
  });

  it('have no policies of AWS, which allow more than is needed', () => {
    const roles = resources(template, 'AWS::IAM::Role');
    expect(roles).toHaveLength(4);
    for (const { Properties } of roles) expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  it('may do so on named resources only, but for X-Ray, which has none, and pictures', () => {
    for (const { Action, Resource } of allStatements()) {
      if (Action.every((action) => action.startsWith('xray:'))) continue;
      // The pictures' names are made as they come; all of them lie in one folder of one bucket.
      const named = JSON.stringify(Resource).replace('/images/*', '');
      expect(named).not.toContain('*');
    }
  });

  it('can be granted to a role: direct invocation, requests by the queue, and dispatch on demand', () => {
    const { stack, photoAvatars, template: taken } = embedded();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    photoAvatars.grantDirectInvoke(role);
    photoAvatars.grantRequest(role);
    photoAvatars.grantDispatch(role);
    const caller = resources(taken(), 'AWS::IAM::Policy').find(({ logicalId }) =>
      logicalId.startsWith('Caller'),
    );
    const allowed = statements(caller?.Properties.PolicyDocument);
    expect(new Set(allowed.flatMap(({ Action }) => Action))).toEqual(
      new Set(['lambda:InvokeFunction', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']),
    );
    const onWhat = JSON.stringify(allowed.flatMap(({ Resource }) => Resource));
    for (const { logicalId } of [functionOf(taken(), 'Api'), functionOf(taken(), 'Dispatch')]) {
      expect(onWhat).toContain(logicalId);
    }
    expect(onWhat).not.toContain(functionOf(taken(), 'Intake').logicalId);
  });
});
