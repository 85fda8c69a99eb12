/**
 * The most arrivals in any window of this length that is open at its beginning, as JoggAI's limit counts them.
 *
 * @param arrivals times in milliseconds, in any order
 */
export const mostInAnyWindow = (arrivals: readonly number[], windowMs: number): number => {
  const sorted = arrivals.toSorted((one, other) => one - other);
  let oldest = 0;
  return sorted.reduce((most, arrival, index) => {
    while ((sorted[oldest] ?? arrival) <= arrival - windowMs) oldest += 1;
    return Math.max(most, index - oldest + 1);
  }, 0);
};
