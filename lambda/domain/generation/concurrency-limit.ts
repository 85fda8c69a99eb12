/** Runs a task as soon as fewer than the maximum are running. Tasks that wait start in the order in which they came. */
export type ConcurrencyLimit = (task: () => Promise<void>) => Promise<void>;

/** @param max tasks at the same time */
export const createConcurrencyLimit = (max: number): ConcurrencyLimit => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running < max) running += 1;
    else await new Promise<void>((start) => waiting.push(start));
    try {
      await task();
    } finally {
      // The next task takes over the place, so that a new one cannot overtake it.
      const start = waiting.shift();
      if (start) start();
      else running -= 1;
    }
  };
};
