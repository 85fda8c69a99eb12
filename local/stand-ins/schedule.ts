export interface ScheduleOptions {
  readonly everyMs: number;
  /** What is run. Its errors are its own to report: the next run does the same work. */
  readonly run: () => Promise<unknown>;
}

export interface Schedule {
  /** Starts no further runs. Those that have begun go on. */
  close(): Promise<void>;
}

/** A run may outlast the time to the next one, so that two overlap; a third would only stand in line behind them. */
const MOST_AT_ONCE = 2;

/** EventBridge Scheduler on this machine: runs something again and again, the first time after `everyMs`. */
export const startSchedule = ({ everyMs, run }: ScheduleOptions): Schedule => {
  let running = 0;
  const timer = setInterval(() => {
    if (running >= MOST_AT_ONCE) return;
    running += 1;
    const ended = () => {
      running -= 1;
    };
    run().then(ended, ended);
  }, everyMs);
  return {
    close: async () => clearInterval(timer),
  };
};
