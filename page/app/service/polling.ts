/** The timers of a browser, or of a test. */
export interface Timer {
  set(run: () => void, milliseconds: number): number;
  clear(id: number): void;
}

export interface PollingOptions {
  /** Reads once. It never rejects. */
  readonly read: () => Promise<void>;
  /** From an answer to the next request. */
  readonly everyMs: () => number;
  /** Whether reads are held back: the tab is hidden, or a person paused them. */
  readonly isHeld: () => boolean;
  readonly timer: Timer;
}

export interface Polling {
  /** Reads now, also while reads are held back. During a read: once more after it. */
  refresh(): void;
  /** Reads now unless reads are held back: what held them back may have ended. */
  wake(): void;
  stop(): void;
}

/** Reads again and again, with at most one read in flight. */
export const startPolling = ({ read, everyMs, isHeld, timer }: PollingOptions): Polling => {
  let pending: number | undefined;
  let isReading = false;
  let isAsked = false;
  let isStopped = false;

  const clear = () => {
    if (pending !== undefined) timer.clear(pending);
    pending = undefined;
  };

  const run = async (): Promise<void> => {
    clear();
    if (isStopped || isReading) return;
    while (isAsked || !isHeld()) {
      isAsked = false;
      isReading = true;
      await read();
      isReading = false;
      if (isStopped) return;
      if (!isAsked) break;
    }
    pending = timer.set(() => void run(), everyMs());
  };

  // The caller may not have what this returns before the first read.
  queueMicrotask(run);
  return {
    refresh() {
      isAsked = true;
      void run();
    },
    wake: () => void run(),
    stop() {
      isStopped = true;
      clear();
    },
  };
};
