import { OWN_RECORD_ROUTES, ROLES_OF, ROUTES, type RouteKey } from '../shared/routes.ts';
import { PROBLEMS, problemType } from './problem.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** By HTTP status. */
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
  readonly [member: string]: unknown;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);

const isRoute = (name: string): name is RouteKey => ROUTES.some((route) => route === name);

const routeOf = (method: string, path: string): RouteKey => {
  const route = `${method.toUpperCase()} ${path}`;
  if (!isRoute(route)) throw new Error(`The API document describes ${route}, which is not a route.`);
  return route;
};

/** Adds the problem of a record of another caller. Every operation has a 403 already, for a caller without a name. */
const limitedToOwn = ({ responses, ...operation }: Operation): Operation => {
  const { title, status } = PROBLEMS['other-caller'];
  const refused = responses[status];
  if (!refused) throw new Error(`${operation.operationId} has no ${status}.`);
  const description = `${refused.description} ${problemType('other-caller')}: ${title}.`;
  return { ...operation, responses: { ...responses, [status]: { ...refused, description } } };
};

/** Adds the roles that may call each operation, and the operations on the records of all callers. */
export const withRoles = (paths: Paths): Paths => {
  const all: Record<string, Record<string, Operation>> = {};
  const add = (route: RouteKey, operation: Operation) => {
    const [method = '', path = ''] = route.split(' ');
    const roles = `Roles: ${listed(ROLES_OF[route])}.`;
    const description = operation.description === undefined ? roles : `${operation.description} ${roles}`;
    all[path] = { ...all[path], [method.toLowerCase()]: { ...operation, description } };
  };
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const route = routeOf(method, path);
      const ofAllCallers = OWN_RECORD_ROUTES[route];
      add(route, ofAllCallers ? limitedToOwn(operation) : operation);
      if (!ofAllCallers) continue;
      const { operationId, summary } = operation;
      add(ofAllCallers, {
        ...operation,
        operationId: `${operationId}OfAnyCaller`,
        summary: `${summary} of any caller`,
      });
    }
  }
  return all;
};
