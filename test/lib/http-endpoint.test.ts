import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ROUTES } from '../../lambda/shared/routes.ts';
import { deployed, embedded, resources, theResource } from './synthesize.ts';

const { template } = deployed();
const jwt = {
  jwtIssuer: 'https://login.example.com',
  jwtAudience: 'people,programs',
  jwtSubmitScope: 'submit',
  jwtReadScope: 'read',
  jwtOperateScope: 'operate',
};
const aRole = { assumedBy: new ServicePrincipal('states.amazonaws.com') };

const accessLog = (from = template) => {
  const settings = z.object({ DestinationArn: z.unknown(), Format: z.string() });
  return settings.parse(theResource(from, 'AWS::ApiGatewayV2::Stage').Properties.AccessLogSettings);
};

describe('the HTTP API', () => {
  it('has the documented routes and sends all other requests to the function, too', () => {
    const routes = resources(template, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      '$default',
      'DELETE /photo-avatars/{id}',
      'GET /account',
      'GET /all-callers/photo-avatars/{id}',
      'GET /openapi.json',
      'GET /photo-avatars',
      'GET /photo-avatars/{id}',
      'PATCH /account',
      'POST /all-callers/photo-avatars/{id}/cancellation',
      'POST /photo-avatars',
      'POST /photo-avatars/{id}/cancellation',
      'POST /photo-avatars/{id}/refresh',
      'POST /photo-avatars/{id}/resolution',
    ]);
    const { logicalId } = theResource(template, 'AWS::ApiGatewayV2::Integration');
    for (const { Target } of routes) expect(JSON.stringify(Target)).toContain(logicalId);
  });

  it('requires IAM authorization on every route', () => {
    for (const { Properties } of resources(template, 'AWS::ApiGatewayV2::Route')) {
      expect(Properties.AuthorizationType).toBe('AWS_IAM');
    }
  });

  it('requires a JWT on every route if configured', () => {
    const { template: withJwt } = deployed(jwt);
    const authorizer = theResource(withJwt, 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizer.Properties).toMatchObject({
      AuthorizerType: 'JWT',
      JwtConfiguration: { Issuer: 'https://login.example.com', Audience: ['people', 'programs'] },
    });
    const routes = resources(withJwt, 'AWS::ApiGatewayV2::Route');
    expect(routes).toHaveLength(ROUTES.length + 1);
    for (const { Properties } of routes) {
      expect(Properties).toMatchObject({
        AuthorizationType: 'JWT',
        AuthorizerId: { Ref: authorizer.logicalId },
      });
    }
  });

  it('is throttled as configured', () => {
    const { template: throttled } = deployed({ throttleRate: '3', throttleBurst: '7' });
    throttled.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 7 },
    });
  });

  it('logs caller, route and result, but no caller input', () => {
    const fields = z.record(z.string(), z.string()).parse(JSON.parse(accessLog().Format));
    expect(fields).toMatchObject({
      requestId: '$context.requestId',
      routeKey: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      integrationError: '$context.integration.error',
      caller: '$context.identity.userArn',
    });
    expect(Object.values(fields).join()).not.toMatch(/path|userAgent/i);
    expect(accessLog(deployed(jwt).template).Format).toContain('$context.authorizer.claims.sub');
  });

  it('keeps its access log in a separate log group with the configured retention', () => {
    const { template: short } = deployed({ logRetentionDays: 7 });
    const groups = resources(short, 'AWS::Logs::LogGroup');
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([7, 7, 7, 7]);
    const [{ logicalId } = { logicalId: '' }] = groups.filter((group) =>
      group.logicalId.includes('AccessLogs'),
    );
    expect(accessLog(short).DestinationArn).toEqual({ 'Fn::GetAtt': [logicalId, 'Arn'] });
  });

  it('can be granted to a role, which may then call only this API', () => {
    const { stack, photoAvatars, template: synthesized } = embedded();
    photoAvatars.grantInvoke(new Role(stack, 'Caller', aRole));
    const policies = resources(synthesized(), 'AWS::IAM::Policy');
    const policy = policies.find(({ logicalId }) => logicalId.startsWith('Caller'));
    const api = theResource(synthesized(), 'AWS::ApiGatewayV2::Api').logicalId;
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: [{ Action: 'execute-api:Invoke' }],
    });
    expect(JSON.stringify(policy)).toContain(`{"Ref":"${api}"},"/$default/*"`);
  });

  it('cannot be granted to a role if callers are authorized by JWT', () => {
    const audience = ['people'];
    const { stack, photoAvatars } = embedded({ jwt: { issuer: 'https://login.example.com', audience } });
    const caller = new Role(stack, 'Caller', aRole);
    expect(() => photoAvatars.grantInvoke(caller)).toThrow('an IAM permission has no effect');
  });
});
