import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ROLES, ROLES_OF, ROUTES, type Role, type RouteKey, routesOf } from '../lambda/shared/routes.ts';

/** The scopes of a JWT that give its caller a role. */
export interface JwtScopes {
  /** May submit requests, and read and cancel one. */
  readonly submit: string;
  /** May read records, the list and the state of the account. */
  readonly read: string;
  /** May call every route. */
  readonly operate: string;
}

/** The issuer whose JWTs authorize callers. */
export interface JwtIssuer {
  /** URL of the OpenID Connect issuer. */
  readonly issuer: string;
  /** The token's audience must be one of these. */
  readonly audience: readonly string[];
  /** @default - every token may call every route, and synthesis prints a warning */
  readonly scopes?: JwtScopes | undefined;
}

const SCOPE_OF = { submitter: 'submit', reader: 'read', operator: 'operate' } as const satisfies Record<
  Role,
  keyof JwtScopes
>;

/**
 * The scopes of which a token needs one. `undefined`: every token is accepted.
 *
 * @param route `undefined` for the default route, which answers every role with a problem
 */
export const scopesFor = (jwt: JwtIssuer | undefined, route?: RouteKey): string[] | undefined => {
  const { scopes } = jwt ?? {};
  return scopes && (route ? ROLES_OF[route] : ROLES).map((role) => scopes[SCOPE_OF[role]]);
};

export interface HttpAccessProps {
  /** @default - callers are authorized by IAM */
  readonly jwt?: JwtIssuer | undefined;
  /** Origins of pages that may call the API. Requires `jwt`. @default - none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Whether a submitter reads only its own records. @default false */
  readonly ownRecordsOnly?: boolean | undefined;
}

/**
 * Checks what the types of the props cannot express.
 *
 * @throws Error if pages of other origins would have to sign requests with AWS credentials, or if every token could read
 *   the records of all callers in spite of `ownRecordsOnly`
 */
export const checkAccess = (
  scope: Construct,
  { jwt, corsOrigins = [], ownRecordsOnly }: HttpAccessProps,
): void => {
  if (corsOrigins.length > 0 && !jwt) {
    throw new Error('corsOrigins requires jwt: a page has no AWS credentials to sign its requests with.');
  }
  if (!jwt || jwt.scopes) return;
  if (ownRecordsOnly) {
    throw new Error(
      'ownRecordsOnly requires the scopes of jwt: without them every token may read the records of all callers.',
    );
  }
  Annotations.of(scope).addWarningV2(
    'photo-avatars:jwtWithoutScopes',
    `Every token of ${jwt.issuer} may call every route: pause all calls, resolve requests and read those of others. ` +
      'Set jwtSubmitScope, jwtReadScope and jwtOperateScope (in CDK: the scopes of jwt).',
  );
};

/**
 * The answer to preflight requests. Only pages of these origins can read answers, and none can send cookies.
 * Source: https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export const corsPreflight = (origins: readonly string[]): CorsPreflightOptions => {
  const methods = new Set(ROUTES.map((route) => route.split(' ')[0]));
  return {
    allowOrigins: [...origins],
    allowMethods: Object.values(CorsHttpMethod).filter((method) => methods.has(method)),
    allowHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-match',
      'prefer',
      'traceparent',
      'x-correlation-id',
    ],
    exposeHeaders: ['idempotency-replayed', 'location', 'retry-after', 'x-correlation-id'],
    maxAge: Duration.hours(1),
  };
};

/**
 * What `execute-api:Invoke` has to name, after the API's id: a stage, a method and the path of the request. An unknown
 * path therefore has no resource of its own: only an operator, who may call every path, reaches the default route.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
const invokableBy = (role: Role): string[] =>
  role === 'operator'
    ? ['*']
    : routesOf(role).map((route) => route.replace(' ', '').replaceAll(/\{\w+\}/g, '*'));

/** Lets the grantee call the routes of a role. */
export const grantRole = (
  scope: Construct,
  role: Role,
  { apiId, stageName, grantee }: { apiId: string; stageName: string; grantee: IGrantable },
): Grant =>
  Grant.addToPrincipal({
    grantee,
    actions: ['execute-api:Invoke'],
    resourceArns: invokableBy(role).map((path) =>
      Stack.of(scope).formatArn({
        service: 'execute-api',
        resource: apiId,
        resourceName: `${stageName}/${path}`,
      }),
    ),
  });
