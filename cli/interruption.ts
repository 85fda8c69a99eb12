import { EXIT } from './exit-codes.ts';

/** How long calls in flight may take to finish after Ctrl-C, in milliseconds. */
const FINISH_MS = 10_000;

/** Ctrl-C: the first stops sending and waiting, the second ends the process. Nothing at the service is cancelled. */
export interface Interruption {
  /** Aborted by the first Ctrl-C: send nothing more, stop waiting. */
  readonly stop: AbortSignal;
  /** Aborted ten seconds later: give up calls in flight. */
  readonly abandon: AbortSignal;
  /** Stops listening. */
  end(): void;
}

/** @param onStop called at the first Ctrl-C */
export const watchInterruption = (onStop: () => void): Interruption => {
  const stop = new AbortController();
  const abandon = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
    onStop();
    timer = setTimeout(() => abandon.abort(), FINISH_MS);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    stop: stop.signal,
    abandon: abandon.signal,
    end() {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
};
