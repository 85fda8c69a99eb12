/**
 * A barrier: its calls resolve once `size` of them are pending, so that the observed order does not depend on timing.
 * Calls that the function makes one after another never reach `size`, and the function times out.
 */
export const createBarrier = (size: number) => {
  const waiting: (() => void)[] = [];
  return (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === size) for (const release of waiting.splice(0)) release();
    });
};
