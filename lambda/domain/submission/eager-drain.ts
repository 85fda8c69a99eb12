import type { Clock, Invocation } from '../ports.ts';
import type { DrainEnd, Drained } from './drain.ts';

/** Time for which the end of a drain answers for the next one, in milliseconds. */
const MAX_AGE_MS = 1_000;

/** How long no drain is needed: the gate, or the missing key, would end it as it ended the last one. */
const answersUntil = (end: DrainEnd, now: number): number => {
  if (end.kind !== 'rejected_by_gate') return end.kind === 'no_api_key' ? now + MAX_AGE_MS : now;
  const { rejection } = end;
  return Math.min(now + MAX_AGE_MS, 'until' in rejection ? rejection.until : Number.POSITIVE_INFINITY);
};

/**
 * Drains what a process has just recorded, unless its last drain was rejected within the last second. A burst of
 * batches then costs its records, and not a look at the line and at the gate for each batch. What is left out waits for
 * the next batch, or for dispatch.
 */
export const createEagerDrain = (
  drain: (invocation: Invocation) => Promise<Drained>,
  clock: Clock,
): ((invocation: Invocation) => Promise<Drained | undefined>) => {
  let rejectedUntil = Number.NEGATIVE_INFINITY;
  return async (invocation) => {
    if (clock() < rejectedUntil) return undefined;
    const drained = await drain(invocation);
    rejectedUntil = answersUntil(drained.end, clock());
    return drained;
  };
};
