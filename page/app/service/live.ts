import { type Signal, signal } from '@preact/signals';
import { type Polling, startPolling, type Timer } from './polling.ts';

/** A value that is read again and again. */
export interface Live<Value> {
  /** The last value that was read, also while it is stale. */
  readonly value: Value | undefined;
  /** When it was read, in epoch milliseconds. */
  readonly at: number | undefined;
  /** Why the last read failed: then the value is stale. */
  readonly error: unknown;
}

export interface LiveOptions<Value> {
  readonly read: (previous: Value | undefined) => Promise<Value>;
  readonly everyMs: number | (() => number);
  /** What the value is about, such as the filter. An answer about something else is dropped. @default - always the same */
  readonly about?: () => string;
  /** Whether there is something to read. @default - always */
  readonly isWanted?: () => boolean;
  readonly isHeld?: () => boolean;
}

export interface LiveValue<Value> extends Polling {
  readonly state: Signal<Live<Value>>;
  /** Takes a value that came otherwise, such as the answer to an action. */
  set(value: Value): void;
  /** Forgets the value, because another one is wanted now, and reads that. */
  restart(): void;
}

const browserTimer: Timer = {
  set: (run, milliseconds) => window.setTimeout(run, milliseconds),
  clear: (id) => window.clearTimeout(id),
};

const NOTHING = { value: undefined, at: undefined, error: undefined };

/** Reads stop while the tab is hidden. */
export const isHidden = (): boolean => document.visibilityState === 'hidden';

export const live = <Value>(options: LiveOptions<Value>): LiveValue<Value> => {
  const { about = () => '', isWanted = () => true, isHeld = isHidden, everyMs } = options;
  const state = signal<Live<Value>>(NOTHING);
  /** A value that was set during a read is newer than what the read answers. */
  let changes = 0;

  const polling = startPolling({
    timer: browserTimer,
    isHeld: () => !isWanted() || isHeld(),
    everyMs: typeof everyMs === 'number' ? () => everyMs : everyMs,
    async read() {
      if (!isWanted()) return;
      const [asked, before] = [about(), changes];
      const isCurrent = () => asked === about() && before === changes;
      try {
        const value = await options.read(state.peek().value);
        if (isCurrent()) state.value = { value, at: Date.now(), error: undefined };
        else polling.refresh();
      } catch (error) {
        if (isCurrent()) state.value = { ...state.peek(), error };
      }
    },
  });
  document.addEventListener('visibilitychange', polling.wake);

  return {
    ...polling,
    state,
    set(value) {
      changes += 1;
      state.value = { value, at: Date.now(), error: undefined };
    },
    restart() {
      changes += 1;
      state.value = NOTHING;
      polling.refresh();
    },
    stop() {
      document.removeEventListener('visibilitychange', polling.wake);
      polling.stop();
    },
  };
};
