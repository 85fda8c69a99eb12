/** Time and chance, so that a test decides both. */
export interface Timing {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Waits, or ends early when the signal is aborted. It never rejects.
   *
   * @param ms milliseconds
   */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1, without 1. */
  random(): number;
}

/** The longest timer, 24 days: a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const REAL_TIMING: Timing = {
  now: Date.now,
  random: Math.random,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, MAX_TIMER_MS));
      signal?.addEventListener('abort', end);
    }),
};
