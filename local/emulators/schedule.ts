export interface ScheduleOptions {
  readonly everyMs: number;
  /** Its errors are ignored here: `run` reports them, and the next run does the same work. */
  readonly run: () => Promise<unknown>;
}

export interface Schedule {
  /** Starts no further runs. Does not wait for those in progress. */
  close(): Promise<void>;
}

/** A run may take longer than the interval, so that two overlap. A third would only wait for them. */
const MAX_CONCURRENCY = 2;

/** Emulates EventBridge Scheduler: calls `run` every `everyMs`, the first time after `everyMs`. */
export const startSchedule = ({ everyMs, run }: ScheduleOptions): Schedule => {
  let running = 0;
  const timer = setInterval(() => {
    if (running >= MAX_CONCURRENCY) return;
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
