import type { ChildProcess } from 'node:child_process';

/** Long enough for timers, short enough that it seldom delays the wait for an answer. */
const PERIOD_MS = 20;

/**
 * Stops a process for a part of each 20 ms, as Lambda does if a function's memory gives it less than one CPU.
 *
 * @param share of one CPU, between 0 and 1
 * @returns a function that ends the limit
 */
export const limitCpu = (child: ChildProcess, share: number): (() => void) => {
  let timer: NodeJS.Timeout;
  const run = (): void => {
    child.kill('SIGCONT');
    timer = setTimeout(pause, share * PERIOD_MS);
  };
  const pause = (): void => {
    child.kill('SIGSTOP');
    timer = setTimeout(run, (1 - share) * PERIOD_MS);
  };
  run();
  return () => {
    clearTimeout(timer);
    child.kill('SIGCONT');
  };
};
