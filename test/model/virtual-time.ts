/** Time that stands still while anything is left to be done, and then jumps to the next thing that is due. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Resolves when so many milliseconds have passed. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /**
   * Lets time pass until the work is done.
   *
   * @throws whatever the work throws; Error when the work waits for something that will never happen
   */
  finish<Result>(work: Promise<Result>): Promise<Result>;
}

interface Due {
  readonly at: number;
  readonly happen: () => void;
}

/**
 * Promises run to quiescence between two points in time, so that the order of everything follows from the times
 * alone. What is due at the same time happens in the order in which it was asked for.
 *
 * @param start milliseconds since the epoch
 */
export const createVirtualTime = (start: number): VirtualTime => {
  let now = start;
  /** The next one last. */
  const agenda: Due[] = [];

  const schedule = (due: Due): void => {
    let low = 0;
    let high = agenda.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((agenda[middle]?.at ?? 0) > due.at) low = middle + 1;
      else high = middle;
    }
    agenda.splice(low, 0, due);
  };

  /** All that promises can do by themselves is done when the event loop comes round. */
  const quiescence = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    clock: () => now,

    wait: (milliseconds) =>
      new Promise((happen) => schedule({ at: now + Math.max(0, milliseconds), happen })),

    async finish(work) {
      let isSettled = false;
      const settled = () => {
        isSettled = true;
      };
      work.then(settled, settled);
      await quiescence();
      while (!isSettled) {
        const next = agenda.pop();
        if (!next) throw new Error('Time stands still: the work waits for something that never happens.');
        now = next.at;
        next.happen();
        await quiescence();
      }
      return work;
    },
  };
};
