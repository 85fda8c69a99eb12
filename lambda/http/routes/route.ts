import type * as z from 'zod/mini';
import type { Invocation } from '../../domain/ports.ts';
import { ID_PATTERN } from '../../domain/request/identity.ts';
import type { RouteKey } from '../../shared/routes.ts';
import type { Caller, HttpEvent } from '../event.ts';
import { type HttpResponse, ProblemError } from '../problem.ts';

/** Answers one route. Errors of the caller are thrown as ProblemError. */
export type Route = (event: HttpEvent, invocation: Invocation, caller: Caller) => Promise<HttpResponse>;

/** Some of the routes, by their keys. */
export type Routes<Keys extends RouteKey> = Record<Keys, Route>;

/**
 * The id in the path.
 *
 * @throws ProblemError if no record can have it
 */
export const idOf = (event: HttpEvent): string => {
  const id = event.pathParameters?.id ?? '';
  if (!ID_PATTERN.test(id)) throw notFound();
  return id;
};

export const notFound = (): ProblemError => new ProblemError('not-found', 'No photo avatar has this id.');

export const invalidBody = ({ issues }: z.core.$ZodError, detail: string): ProblemError =>
  new ProblemError('invalid-request', detail, {
    errors: issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })),
  });
