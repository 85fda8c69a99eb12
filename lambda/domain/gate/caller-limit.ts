import { nextState } from '../outcome.ts';
import type { Clock } from '../ports.ts';
import type { OwnedAttempt, SlotRelease } from './account-rules.ts';
import type { Admission, Gate } from './gate.ts';
import { dayOf, nextMidnight } from './gate-rules.ts';

/** The attempts that each owner made on each day (UTC), as far as they may be charged. */
export interface CallerAttempts {
  /**
   * Adds an attempt unless the owner has `limit` of them on that day. Adding one twice counts once.
   *
   * @returns whether it is counted
   */
  add(attempt: OwnedAttempt, limit: number): Promise<boolean>;
  /** Removes an attempt that was certainly not charged. */
  remove(attempt: OwnedAttempt): Promise<void>;
}

export interface CallerLimitOptions {
  readonly attempts: CallerAttempts;
  /** Maximum of paid calls a day (UTC) for each owner. */
  readonly limit: number;
  readonly clock: Clock;
}

/**
 * A gate that also limits the calls of each owner. Both are asked at the same time, so a paid call waits no longer. An
 * attempt that is counted and then lost with its process stays counted: it may have been charged.
 */
export const withCallerLimit = (gate: Gate, { attempts, limit, clock }: CallerLimitOptions): Gate => ({
  ...gate,

  async acquire(request): Promise<Admission> {
    const { owner, attemptId, key } = request;
    if (owner === undefined) return gate.acquire(request);
    const now = clock();
    const attempt = { owner, attemptId, day: dayOf(now) };
    const [slot, counted] = await Promise.allSettled([gate.acquire(request), attempts.add(attempt, limit)]);

    const releaseSlot = async (): Promise<void> => {
      if (slot.status === 'rejected' || slot.value.kind === 'rejected') return;
      await gate.release({ attemptId, ...slot.value, key, outcome: { kind: 'unused' } });
    };
    if (counted.status === 'rejected') {
      await releaseSlot();
      throw counted.reason;
    }
    if (slot.status === 'rejected' || slot.value.kind === 'rejected') {
      if (counted.value) await attempts.remove(attempt);
      if (slot.status === 'rejected') throw slot.reason;
      return slot.value;
    }
    if (!counted.value) {
      await releaseSlot();
      return {
        kind: 'rejected',
        rejection: { kind: 'caller_limit_reached', limit, until: nextMidnight(now) },
      };
    }
    return { ...slot.value, counted: attempt };
  },

  async release(slot) {
    const { counted, outcome } = slot;
    await Promise.all([
      gate.release(slot),
      counted && isFree(outcome) ? attempts.remove(counted) : undefined,
    ]);
  },
});

/** Whether a call that ended so was certainly not charged. */
const isFree = (outcome: SlotRelease['outcome']): boolean =>
  outcome.kind === 'unused' || nextState(outcome, 'sync').charged === 'no';
