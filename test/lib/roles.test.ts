import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Role as IamRole, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ROUTE, ROLES, ROLES_OF, ROUTES, type Role, routesOf } from '../../lambda/shared/routes.ts';
import type { JwtIssuer } from '../../lib/http-access.ts';
import type { PhotoAvatars } from '../../lib/photo-avatars.ts';
import { arnOf } from '../support/aws-calls.ts';
import { allowancesOfRole, allows } from '../support/role-policy.ts';
import { deployed, embedded, resources, theResource } from './synthesize.ts';

const ID = '0198c5f2-7a1e-7c3a-9d4e-2b6f8a1c3d5e';
const GRANTS = { submitter: 'grantSubmit', reader: 'grantRead', operator: 'grantOperate' } as const;
const SCOPES = { submitter: 'avatars/submit', reader: 'avatars/read', operator: 'avatars/operate' } as const;
const jwt: JwtIssuer = { issuer: 'https://login.example.com', audience: ['people'] };
const scopes = { submit: SCOPES.submitter, read: SCOPES.reader, operate: SCOPES.operator };

type GrantName = (typeof GRANTS)[Role] | 'grantInvoke';

const aRole = (photoAvatars: PhotoAvatars, id: string) =>
  new IamRole(photoAvatars, id, { assumedBy: new ServicePrincipal('states.amazonaws.com') });

/** Whether IAM allows a role with these grants a request, given by its method and path. */
const decider = (...grants: GrantName[]) => {
  const { stack, photoAvatars, template } = embedded();
  const role = aRole(photoAvatars, 'Caller');
  for (const grant of grants) photoAvatars[grant](role);
  const taken = template();
  const arns = new Map([[theResource(taken, 'AWS::ApiGatewayV2::Api').logicalId, 'api123']]);
  const allowances = allowancesOfRole(taken, stack.getLogicalId(Object(role.node.defaultChild)), arns);
  return (request: string, stage = '$default') =>
    allowances.some((allowance) =>
      allows(allowance, {
        action: 'execute-api:Invoke',
        resource: arnOf('execute-api', `api123/${stage}/${request.replace(' ', '')}`),
      }),
    );
};

const requestFor = (route: string): string => route.replaceAll(/\{\w+\}/g, ID);

describe('the roles', () => {
  it('share the routes as documented: the submitter pays, the reader reads, the operator does all', () => {
    expect(routesOf('submitter')).toEqual([
      'POST /photo-avatars',
      'GET /photo-avatars/{id}',
      'POST /photo-avatars/{id}/cancellation',
      'GET /openapi.json',
    ]);
    expect(routesOf('reader')).toEqual([
      'GET /photo-avatars',
      'GET /photo-avatars/{id}',
      'GET /all-callers/photo-avatars/{id}',
      'GET /account',
      'GET /openapi.json',
    ]);
    expect(routesOf('operator')).toEqual([...ROUTES]);
  });
});

describe.each(ROLES)('an IAM role that was granted to be a %s', (role) => {
  const mayCall = decider(GRANTS[role]);

  it.each(ROUTES)('may call exactly the routes of its role: %s', (route) => {
    expect(mayCall(requestFor(route))).toBe(ROLES_OF[route].includes(role));
  });

  it('may call no other stage, and unknown paths only as an operator', () => {
    expect(mayCall(requestFor('GET /openapi.json'), 'other')).toBe(false);
    for (const unknown of ['GET /unknown', 'PUT /photo-avatars', 'OPTIONS /photo-avatars']) {
      expect(mayCall(unknown)).toBe(role === 'operator');
    }
  });
});

describe('an IAM role', () => {
  it('with two grants may call the routes of both roles, and no others', () => {
    const mayCall = decider('grantSubmit', 'grantRead');
    expect(ROUTES.filter((route) => mayCall(requestFor(route)))).toEqual(
      ROUTES.filter((route) => ROLES_OF[route].some((role) => role !== 'operator')),
    );
  });

  it('with grantInvoke may call every route', () => {
    const mayCall = decider('grantInvoke');
    expect(ROUTES.filter((route) => !mayCall(requestFor(route)))).toEqual([]);
  });

  it.each([...Object.values(GRANTS), 'grantInvoke'] as const)('cannot receive %s with JWT', (grant) => {
    const { photoAvatars } = embedded({ jwt: { ...jwt, scopes } });
    expect(() => photoAvatars[grant](aRole(photoAvatars, 'Caller'))).toThrow(
      'an IAM permission has no effect',
    );
  });
});

describe('a token', () => {
  const { template } = deployed({
    jwtIssuer: jwt.issuer,
    jwtAudience: 'people',
    jwtSubmitScope: scopes.submit,
    jwtReadScope: scopes.read,
    jwtOperateScope: scopes.operate,
  });
  /** API Gateway requires one of these. */
  const scopesOfRoute = new Map(
    resources(template, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => [
      Properties.RouteKey,
      Properties.AuthorizationScopes,
    ]),
  );

  it.each(ROUTES)('needs the scope of one of the roles of a route: %s', (route) => {
    expect(scopesOfRoute.get(route)).toEqual(ROLES_OF[route].map((role) => SCOPES[role]));
  });

  it('of any role, and no other, gets the answer for an unknown route', () => {
    expect(scopesOfRoute.get(DEFAULT_ROUTE)).toEqual(Object.values(SCOPES));
  });

  it('needs no scope if none is configured, and synthesis warns of that', () => {
    const { stack, template: open } = embedded({ jwt, alarmEmail: 'oncall@example.com' });
    for (const { Properties } of resources(open(), 'AWS::ApiGatewayV2::Route')) {
      expect(Properties).not.toHaveProperty('AuthorizationScopes');
    }
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
    expect(warnings.map(({ entry }) => entry.data)).toEqual([
      expect.stringMatching(
        /^Every token of https:\/\/login\.example\.com may call every route.*jwtSubmitScope/,
      ),
    ]);
  });

  it.each([
    ['with scopes', { jwt: { ...jwt, scopes } }],
    ['with IAM', {}],
  ])('causes no warning %s', (_, props) => {
    const { stack } = embedded({ alarmEmail: 'oncall@example.com', ...props });
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });
});

describe('ownRecordsOnly', () => {
  it('is off by default, and a variable of the functions if it is on', () => {
    const on = { Environment: { Variables: Match.objectLike({ OWN_RECORDS_ONLY: 'true' }) } };
    deployed({ ownRecordsOnly: 'true' }).template.hasResourceProperties('AWS::Lambda::Function', on);
    deployed().template.resourcePropertiesCountIs('AWS::Lambda::Function', on, 0);
  });

  it('cannot be deployed with JWT without scopes, where it would protect nothing', () => {
    expect(() => embedded({ jwt, ownRecordsOnly: true })).toThrow(
      'ownRecordsOnly requires the scopes of jwt',
    );
  });
});
