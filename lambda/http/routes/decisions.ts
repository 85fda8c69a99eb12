import type { Invocation } from '../../domain/ports.ts';
import type { Erasure } from '../../domain/record/erase.ts';
import { type AvatarRecord, isUnresolved } from '../../domain/record/record.ts';
import type { Cancellation } from '../../domain/submission/cancel.ts';
import type { Decision, Resolution } from '../../domain/submission/resolve.ts';
import type { ViewOf } from '../../views/record-view.ts';
import { json, ProblemError } from '../problem.ts';
import { readJson, readQuery, requireNoBody } from '../read-event.ts';
import { resolutionRequest } from '../resolution-request.ts';
import { idOf, invalidBody, notFound, type Routes } from './route.ts';

export interface DecisionRoutePorts {
  readonly cancel: (id: string, by: string, invocation: Invocation) => Promise<Cancellation>;
  readonly resolve: (id: string, decision: Decision, invocation: Invocation) => Promise<Resolution>;
  readonly erase: (id: string, by: string, invocation: Invocation) => Promise<Erasure>;
  readonly viewOf: ViewOf;
}

/** The routes by which people decide about a record. */
export const decisionRoutes = ({
  cancel,
  resolve,
  erase,
  viewOf,
}: DecisionRoutePorts): Routes<
  | 'POST /photo-avatars/{id}/cancellation'
  | 'POST /photo-avatars/{id}/resolution'
  | 'DELETE /photo-avatars/{id}'
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
        throw new ProblemError('not-resolvable', whyNotResolvable(resolution.record), {
          record: viewOf(resolution.record),
        });
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

  async 'DELETE /photo-avatars/{id}'(event, invocation, caller) {
    readQuery(event, []);
    requireNoBody(event);
    const erasure = await erase(idOf(event), caller.name, invocation);
    switch (erasure.kind) {
      case 'erasing':
        return json(202, viewOf(erasure.record));
      case 'erased':
        return json(200, viewOf(erasure.record));
      case 'not_erasable':
        throw new ProblemError('not-erasable', whyNotErasable(erasure.record), {
          record: viewOf(erasure.record),
        });
      case 'not_found':
        throw notFound();
      default:
        return erasure satisfies never;
    }
  },
});

const whyNotResolvable = (record: AvatarRecord): string => {
  if (!isUnresolved(record)) {
    return `This photo avatar is ${record.status}. Only one that failed or is in doubt, and was not resolved before, can be resolved.`;
  }
  return record.open === 'erasing'
    ? 'This photo avatar is being erased. Close it when that is done, in about a minute.'
    : 'This photo avatar was erased, so nothing is left to send again. It can only be closed.';
};

const whyNotErasable = ({ status, open }: AvatarRecord): string => {
  switch (open) {
    case 'queued':
      return 'This photo avatar is queued. Cancel it first. Nothing was erased.';
    case 'copying':
    case 'announcing':
      return `This photo avatar is ${status}, but its images are still being copied or its end is not published yet. Nothing was erased. Try again in a minute.`;
    default:
      return `This photo avatar is ${status}. Only one that has ended can be erased. Nothing was erased. Try again when it has ended.`;
  }
};
