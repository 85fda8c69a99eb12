import { randomUUID } from 'node:crypto';
import { parse } from 'node:path';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';
import { lambdaVariables } from './lambda-variables.ts';

export interface FunctionOptions {
  /** Absolute path of the module with the handler: a `.ts` file, or a bundle. */
  readonly entry: string;
  /** Name of the export. @default 'handler' */
  readonly handler?: string;
  /** Name of the function. @default the entry's file name without its extension */
  readonly name?: string;
  /** The variables it is configured with; what Lambda itself sets is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long one event may take. */
  readonly timeoutMs: number;
  /** How many events run at the same time at most. Further ones wait, where Lambda would refuse them. */
  readonly maxConcurrency: number;
  /** Gets each line that the function writes to stdout or stderr, before the event's result is known. */
  readonly onLog: (line: string) => void;
}

export interface LocalFunction {
  /**
   * Runs the handler on an event that is JSON and resolves with its result, which is JSON, too.
   *
   * @throws FunctionError as Lambda would report it; Error after `close`.
   */
  invoke(event: unknown): Promise<unknown>;
  /** Kills every execution environment in the middle of what it does. The next event starts a new one. */
  kill(): Promise<void>;
  /** Takes no further events, waits for those that it has taken, and ends the execution environments. */
  close(): Promise<void>;
}

/**
 * Lambda on this machine: every execution environment is a process of its own, so that a crash is a crash
 * and no memory is shared. An environment runs one event after another, and is started only when no idle
 * one is left. Unlike on Lambda, it is not frozen between two events.
 */
export const startFunction = (options: FunctionOptions): LocalFunction => {
  const { entry, handler = 'handler', name = parse(entry).name, environment } = options;
  const { timeoutMs, maxConcurrency, onLog } = options;
  const variables = lambdaVariables({ name, entry, handler, environment });
  const environments = new Set<ExecutionEnvironment>();
  const idle: ExecutionEnvironment[] = [];
  const waiting: (() => void)[] = [];
  const invocations = new Set<Promise<unknown>>();
  let running = 0;
  let closed: Promise<void> | undefined;

  const acquire = async (): Promise<ExecutionEnvironment> => {
    if (running < maxConcurrency) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    for (let candidate = idle.pop(); candidate; candidate = idle.pop())
      if (candidate.isAlive()) return candidate;
    const started = startEnvironment({ entry, handler, variables, timeoutMs, onLog });
    environments.add(started);
    started.gone.then(() => environments.delete(started));
    return started;
  };

  const release = (used: ExecutionEnvironment) => {
    if (used.isAlive()) idle.push(used);
    const next = waiting.shift();
    // Whoever waits takes over the place that has become free.
    if (next) next();
    else running -= 1;
  };

  const run = async (event: unknown) => {
    const acquired = await acquire();
    try {
      return await acquired.run(randomUUID(), event);
    } finally {
      release(acquired);
    }
  };

  const kill = async () => {
    await Promise.all([...environments].map((each) => each.kill()));
  };

  return {
    invoke: async (event) => {
      if (closed) throw new Error(`The function ${name} has been closed and takes no more events.`);
      const invocation = run(event);
      invocations.add(invocation);
      return invocation.finally(() => invocations.delete(invocation));
    },
    kill,
    close: () => {
      closed ??= Promise.allSettled(invocations).then(kill);
      return closed;
    },
  };
};
