import { OWN_RECORD_ROUTES, ROLES_OF, ROUTES, type Role, type RouteKey } from '../../shared/routes.ts';
import { type DescribedProblem, refusals, type SharedResponse } from './problems.ts';

/** What the description says of an operation, besides what its route says. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** The successes by HTTP status. */
  readonly responses: Readonly<Record<string, object>>;
  /** Besides those of every operation. */
  readonly problems: readonly DescribedProblem[];
}

export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** The two ways of authorization. A deployment has one of them. */
export const SECURITY_SCHEMES = {
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      'AWS Signature Version 4 for the service execute-api: the default. The caller needs execute-api:Invoke on the route, ' +
      'which grantSubmit, grantRead and grantOperate give.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A JWT of the issuer in the setting jwtIssuer, with one of the scopes that jwtSubmitScope, jwtReadScope and ' +
      'jwtOperateScope name for the roles submitter, reader and operator.',
  },
} as const;

/** Either a signature, or a token with the scope of one role. */
const securityFor = (roles: readonly Role[]) => [
  { signature: [] },
  ...roles.map((role) => ({ token: [role] })),
];

const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);

const isRoute = (name: string): name is RouteKey => ROUTES.some((route) => route === name);

const routeOf = (method: string, path: string): RouteKey => {
  const route = `${method.toUpperCase()} ${path}`;
  if (!isRoute(route)) throw new Error(`The API document describes ${route}, which is not a route.`);
  return route;
};

/** The problems of every operation: an unknown query parameter, a caller without a name, and an unhandled error. */
const COMMON = ['invalid-parameter', 'caller-not-identified', 'unavailable'] as const;

export interface AuthorizedPaths {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  /** The responses that the paths refer to, by name. */
  readonly responses: Readonly<Record<string, object>>;
}

/** Adds what follows from the route: roles, security and refusals, and the operations on the records of all callers. */
export const withRoles = (described: Paths): AuthorizedPaths => {
  const paths: Record<string, Record<string, object>> = {};
  const responses: Record<string, object> = {};
  const refer = ({ name, response }: SharedResponse) => {
    responses[name] = response;
    return { $ref: `#/components/responses/${name}` };
  };
  const add = (route: RouteKey, { problems, responses: successes, ...operation }: Operation) => {
    const [method = '', path = ''] = route.split(' ');
    const refused = refusals([...COMMON, ...problems], route === 'POST /photo-avatars');
    const roles = `Roles: ${listed(ROLES_OF[route])}.`;
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        ...operation,
        description: operation.description === undefined ? roles : `${operation.description} ${roles}`,
        security: securityFor(ROLES_OF[route]),
        responses: {
          ...successes,
          ...Object.fromEntries([...refused].map(([status, shared]) => [status, refer(shared)])),
        },
      },
    };
  };
  for (const [path, operations] of Object.entries(described)) {
    for (const [method, operation] of Object.entries(operations)) {
      const route = routeOf(method, path);
      const ofAllCallers = OWN_RECORD_ROUTES[route];
      if (!ofAllCallers) {
        add(route, operation);
        continue;
      }
      const { operationId, summary, problems } = operation;
      add(route, { ...operation, problems: [...problems, 'other-caller'] });
      add(ofAllCallers, {
        ...operation,
        operationId: `${operationId}OfAnyCaller`,
        summary: `${summary} of any caller`,
      });
    }
  }
  return { paths, responses };
};
