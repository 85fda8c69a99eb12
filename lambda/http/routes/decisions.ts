import type { Invocation } from '../../domain/ports.ts';
import type { Cancellation } from '../../domain/submission/cancel.ts';
import type { Decision, Resolution } from '../../domain/submission/resolve.ts';
import { viewOf } from '../../views/record-view.ts';
import { json, ProblemError } from '../problem.ts';
import { readJson, readQuery, requireNoBody } from '../read-event.ts';
import { resolutionRequest } from '../resolution-request.ts';
import { idOf, invalidBody, notFound, type Routes } from './route.ts';

export interface DecisionRoutePorts {
  readonly cancel: (id: string, by: string, invocation: Invocation) => Promise<Cancellation>;
  readonly resolve: (id: string, decision: Decision, invocation: Invocation) => Promise<Resolution>;
}

/** The routes by which people decide about a record. */
export const decisionRoutes = ({
  cancel,
  resolve,
}: DecisionRoutePorts): Routes<
  'POST /photo-avatars/{id}/cancellation' | 'POST /photo-avatars/{id}/resolution'
> => ({
  async 'POST /photo-avatars/{id}/cancellation'(event, invocation, caller) {
    readQuery(event, []);
    requireNoBody(event);
    const cancellation = await cancel(idOf(event), caller.name, invocation);
    switch (cancellation.kind) {
      case 'cancelled':
        return json(200, viewOf(cancellation.record));
      case 'not_cancellable':
        throw new ProblemError(
          'not-cancellable',
          `This photo avatar is ${cancellation.record.status}. Only one that is queued can be cancelled. Nothing was changed.`,
          { record: viewOf(cancellation.record) },
        );
      case 'not_found':
        throw notFound();
      default:
        return cancellation satisfies never;
    }
  },

  async 'POST /photo-avatars/{id}/resolution'(event, invocation, caller) {
    readQuery(event, []);
    const id = idOf(event);
    const read = resolutionRequest.safeParse(readJson(event));
    if (!read.success) {
      throw invalidBody(
        read.error,
        'Send {"action": "resubmit" | "close", "version": the version of the record that you saw, "reason": "…"}.',
      );
    }
    const resolution = await resolve(id, { ...read.data, by: caller.name }, invocation);
    switch (resolution.kind) {
      case 'resolved':
        return json(200, viewOf(resolution.record));
      case 'not_resolvable':
        throw new ProblemError(
          'not-resolvable',
          `This photo avatar is ${resolution.record.status}. Only one that failed or is in doubt, and was not resolved before, can be resolved.`,
          { record: viewOf(resolution.record) },
        );
      case 'outdated':
        throw new ProblemError(
          'outdated-version',
          `The decision is about version ${read.data.version}, but the record changed since. Nothing was done. ` +
            'Look at the record, then decide again with its version.',
          { record: viewOf(resolution.record) },
        );
      case 'not_found':
        throw notFound();
      default:
        return resolution satisfies never;
    }
  },
});
