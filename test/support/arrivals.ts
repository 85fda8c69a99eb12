/**
 * The maximum number of arrivals in any window of this length. The start of a window is exclusive, as in JoggAI's limit.
 *
 * @param arrivals times in milliseconds, in any order
 */
export const mostInAnyWindow = (arrivals: readonly number[], windowMs: number): number => {
  const sorted = arrivals.toSorted((a, b) => a - b);
  let oldest = 0;
  return sorted.reduce((most, arrival, index) => {
    while ((sorted[oldest] ?? arrival) <= arrival - windowMs) oldest += 1;
    return Math.max(most, index - oldest + 1);
  }, 0);
};
