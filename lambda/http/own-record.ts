import type { Ledger } from '../domain/ports.ts';
import { ID_PATTERN } from '../domain/request/identity.ts';
import { OWN_RECORD_ROUTES, ROLES_OF, type RouteKey } from '../shared/routes.ts';
import { type Caller, type HttpEvent, ownerOf } from './event.ts';
import { ProblemError } from './problem.ts';

/**
 * Refuses a route of `OWN_RECORD_ROUTES` for a record of another caller. It reads the record in addition to the route,
 * so that no such route can forget the check. A record never changes its owner.
 *
 * @throws ProblemError if the record has another owner, or none: those are of version 0.1.0
 */
export const requireOwnRecord = async (
  ledger: Pick<Ledger, 'get'>,
  routeKey: RouteKey,
  event: HttpEvent,
  caller: Caller,
): Promise<void> => {
  const ofAllCallers = OWN_RECORD_ROUTES[routeKey];
  const id = event.pathParameters?.id ?? '';
  if (ofAllCallers === undefined || !ID_PATTERN.test(id)) return;
  const record = await ledger.get(id);
  if (!record || record.owner === ownerOf(caller)) return;
  throw new ProblemError(
    'other-caller',
    'This photo avatar was requested by another caller. Nothing was changed or charged. ' +
      `Use ${ofAllCallers}, which requires the role ${ROLES_OF[ofAllCallers].join(' or ')}.`,
  );
};
