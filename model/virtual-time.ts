/** A clock that jumps to the next timer as soon as no other work is pending. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Resolves after the given number of milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /**
   * Advances the time until the work is done.
   *
   * @throws the error of the work; Error if the work is pending and no timer is left
   */
  finish<Result>(work: Promise<Result>): Promise<Result>;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * All promises settle before the clock advances, so the order of events depends on the timers alone. Timers that are
 * due at the same time fire in the order in which they were set.
 *
 * @param start milliseconds since the epoch
 */
export const createVirtualTime = (start: number): VirtualTime => {
  let now = start;
  /** The next timer is the last element. */
  const timers: Timer[] = [];

  const schedule = (timer: Timer): void => {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((timers[middle]?.at ?? 0) > timer.at) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  };

  /** Resolves after all promise callbacks have run. */
  const quiescence = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    clock: () => now,

    wait: (milliseconds) => new Promise((fire) => schedule({ at: now + Math.max(0, milliseconds), fire })),

    async finish(work) {
      let isSettled = false;
      const settled = () => {
        isSettled = true;
      };
      work.then(settled, settled);
      await quiescence();
      while (!isSettled) {
        const next = timers.pop();
        if (!next) throw new Error('The work is pending, and no timer is left to fire.');
        now = next.at;
        next.fire();
        await quiescence();
      }
      return work;
    },
  };
};
