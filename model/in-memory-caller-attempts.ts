import type { OwnedAttempt } from '../lambda/domain/gate/account-rules.ts';
import type { CallerAttempts } from '../lambda/domain/gate/caller-limit.ts';

const keyOf = ({ owner, day }: Omit<OwnedAttempt, 'attemptId'>): string => `${day} ${owner}`;

export interface InMemoryCallerAttempts extends CallerAttempts {
  /** Number of attempts of an owner on a day. */
  count(of: Omit<OwnedAttempt, 'attemptId'>): number;
}

/** The attempts of each owner in memory, with the real store's conditions. */
export const createInMemoryCallerAttempts = (): InMemoryCallerAttempts => {
  const attempts = new Map<string, Set<string>>();
  return {
    count: (of) => attempts.get(keyOf(of))?.size ?? 0,
    async add(attempt, limit) {
      const ofDay = attempts.get(keyOf(attempt)) ?? new Set();
      if (ofDay.has(attempt.attemptId)) return true;
      if (ofDay.size >= limit) return false;
      attempts.set(keyOf(attempt), ofDay.add(attempt.attemptId));
      return true;
    },
    async remove(attempt) {
      attempts.get(keyOf(attempt))?.delete(attempt.attemptId);
    },
  };
};
