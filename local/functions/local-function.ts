import { randomUUID } from 'node:crypto';
import { parse } from 'node:path';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';
import { assertResponseSize } from './function-error.ts';
import { lambdaVariables } from './lambda-variables.ts';

export interface FunctionOptions {
  /** Absolute path of the module that exports `handler`: a `.ts` file, or a bundle. */
  readonly entry: string;
  /** Name of the function. @default - the entry's file name without its extension */
  readonly name?: string;
  /** The function's own environment variables. Lambda's are added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Time limit of one event. */
  readonly timeoutMs: number;
  /** Maximum number of concurrent events. Further events wait, whereas Lambda throttles them. */
  readonly maxConcurrency: number;
  /** Receives each line of stdout and stderr before the event's result is delivered. */
  readonly onLog: (line: string) => void;
}

export interface LocalFunction {
  /**
   * Runs the handler. The event and the result are JSON values.
   *
   * @param qualifier the alias of the invocation. @default - none
   * @throws FunctionError as Lambda reports it; Error after `close`
   */
  invoke(event: unknown, qualifier?: string): Promise<unknown>;
  /** Kills every execution environment, also busy ones. The next event starts a new one. */
  kill(): Promise<void>;
  /** Accepts no further events, waits for the accepted ones, and ends the execution environments. */
  close(): Promise<void>;
}

/**
 * Starts a local Lambda function. Every execution environment is a process, so that crashes are real and no memory is
 * shared. An environment runs one event at a time. Unlike on Lambda, it is not frozen between two events.
 */
export const startFunction = (options: FunctionOptions): LocalFunction => {
  const { entry, name = parse(entry).name, environment } = options;
  const { timeoutMs, maxConcurrency, onLog } = options;
  const variables = lambdaVariables({ name, entry, environment });
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
      if (candidate.isRunning()) return candidate;
    const started = startEnvironment({ entry, variables, timeoutMs, onLog });
    environments.add(started);
    started.ended.then(() => environments.delete(started));
    return started;
  };

  const release = (used: ExecutionEnvironment) => {
    if (used.isRunning()) idle.push(used);
    const next = waiting.shift();
    // A waiting event reuses this slot of `running`.
    if (next) next();
    else running -= 1;
  };

  const run = async (event: unknown, qualifier: string | undefined) => {
    const acquired = await acquire();
    try {
      const result = await acquired.run(randomUUID(), event, qualifier);
      assertResponseSize(result);
      return result;
    } finally {
      release(acquired);
    }
  };

  const kill = async () => {
    await Promise.all([...environments].map((each) => each.kill()));
  };

  return {
    invoke: async (event, qualifier) => {
      if (closed) throw new Error(`The function ${name} is closed and accepts no more events.`);
      const invocation = run(event, qualifier);
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
