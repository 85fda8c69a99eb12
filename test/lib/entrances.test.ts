import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { HTTP_ALIAS } from '../../lambda/shared/routes.ts';
import { addWaitingWorkflow } from './results/waiting-workflow.ts';
import { deployed, embedded, functionOf, resources, statements, theResource } from './synthesize.ts';
import { addWorkflow } from './triggers/workflow.ts';

const { template } = deployed();
const alias = theResource(template, 'AWS::Lambda::Alias');

describe('the alias of the api function', () => {
  it('is for its current code', () => {
    expect(alias.Properties).toMatchObject({
      Name: HTTP_ALIAS,
      FunctionName: { Ref: functionOf(template, 'Api').logicalId },
    });
    expect(JSON.stringify(alias.Properties.FunctionVersion)).toContain('$LATEST');
  });

  it('is what API Gateway invokes, on every route', () => {
    const { IntegrationUri } = theResource(template, 'AWS::ApiGatewayV2::Integration').Properties;
    expect(IntegrationUri).toEqual({ Ref: alias.logicalId });
  });

  it('may be invoked by API Gateway, which may invoke nothing else', () => {
    const permissions = resources(template, 'AWS::Lambda::Permission').map(({ Properties }) => Properties);
    expect(permissions.length).toBeGreaterThan(0);
    for (const permission of permissions) {
      expect(permission).toMatchObject({
        Principal: 'apigateway.amazonaws.com',
        FunctionName: { Ref: alias.logicalId },
      });
    }
  });
});

describe('a role that may invoke the api function directly', () => {
  it.each([
    ['by grantDirectInvoke', 'Caller'],
    ['as a workflow of docs/triggers.md', 'AvatarWorkflow'],
    ['as a workflow of docs/events.md', 'WaitingWorkflow'],
  ])('may not invoke its alias: %s', (_, policy) => {
    const { stack, photoAvatars, template: taken } = embedded();
    photoAvatars.grantDirectInvoke(
      new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    );
    addWorkflow(stack, photoAvatars);
    addWaitingWorkflow(stack, photoAvatars);
    const { logicalId } = functionOf(taken(), 'Api');
    const arn = { 'Fn::GetAtt': [logicalId, 'Arn'] };
    const unqualified = [arn, { 'Fn::Join': ['', [arn, ':$LATEST']] }];
    const allowed = resources(taken(), 'AWS::IAM::Policy')
      .filter((resource) => resource.logicalId.startsWith(policy))
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument))
      .filter(({ Action }) => Action.includes('lambda:InvokeFunction'))
      .flatMap(({ Resource }) => Resource);
    expect(allowed.length).toBeGreaterThan(0);
    for (const resource of allowed) expect(unqualified).toContainEqual(resource);
  });
});

describe('an asynchronous invocation', () => {
  it.each(['Api', 'Intake', 'Dispatch'] as const)(
    'of %s that Lambda cannot run is dropped after five minutes, not run hours later',
    (name) => {
      template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
        FunctionName: { Ref: functionOf(template, name).logicalId },
        MaximumEventAgeInSeconds: 300,
        MaximumRetryAttempts: 0,
      });
    },
  );
});
