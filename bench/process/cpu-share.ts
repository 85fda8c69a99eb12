import type { ChildProcess } from 'node:child_process';

/** Long enough for timers, short enough that a wait for an answer is seldom met by it. */
const PERIOD_MS = 20;

/**
 * Stops a process for a part of each 20 ms, as Lambda does with a function whose memory buys less than a whole CPU.
 *
 * @param share of one CPU, between 0 and 1
 * @returns what ends it
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
