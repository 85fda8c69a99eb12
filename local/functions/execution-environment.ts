import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exited, FunctionError, timedOut } from './function-error.ts';
import { type HostMessage, hostMessage, type Invocation } from './messages.ts';

/** Long enough for a busy machine: only a start that hangs takes longer. Lambda allows 10 s. */
const INIT_TIMEOUT_MS = 120_000;

const hostPath = fileURLToPath(new URL('./function-host.ts', import.meta.url));

export interface EnvironmentOptions {
  /** Path of the handler's module. */
  readonly entry: string;
  /** All environment variables of the process. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLog: (line: string) => void;
}

export interface ExecutionEnvironment {
  /**
   * Runs one event. Call it for one event at a time.
   *
   * @throws FunctionError
   */
  run(requestId: string, event: unknown, qualifier?: string): Promise<unknown>;
  isRunning(): boolean;
  /** Resolves when the process has ended and all its output has been read. */
  readonly ended: Promise<void>;
  /** Kills the process (SIGKILL). Resolves with `ended`. */
  kill(): Promise<void>;
}

/** Starts a process that runs a function's events. It exits when this process does. */
export const startEnvironment = (options: EnvironmentOptions): ExecutionEnvironment => {
  const { entry, variables, timeoutMs, onLog } = options;
  const child = fork(hostPath, [entry], {
    env: { ...variables },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', onLog);

  let running = true;
  let pending: { receive(message: HostMessage): void; fail(error: Error): void } | undefined;
  let exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  const { promise: ended, resolve: reportEnd } = Promise.withResolvers<void>();
  child.on('message', (message) => {
    const parsed = hostMessage.parse(message);
    // The handler's output is in the pipe by now: read it before the result is delivered.
    setImmediate(() => pending?.receive(parsed));
  });
  child.on('error', (error) => pending?.fail(error));
  child.once('exit', () => {
    running = false;
  });
  child.once('close', (code, signal) => {
    exit = { code, signal };
    pending?.fail(exited(code, signal));
    reportEnd();
  });

  const kill = () => {
    running = false;
    child.kill('SIGKILL');
    return ended;
  };

  /** Waits for a matching message. Kills the process after the time limit. */
  const waitFor = async (limitMs: number, isAnswer: (message: HostMessage) => boolean): Promise<unknown> => {
    if (exit) throw exited(exit.code, exit.signal);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    pending = {
      receive: (message) => {
        if (!isAnswer(message)) return;
        if ('error' in message) reject(new FunctionError(message.error));
        else resolve('result' in message ? message.result : undefined);
      },
      fail: reject,
    };
    const timer = setTimeout(() => {
      reject(timedOut(limitMs));
      kill();
    }, limitMs);
    return promise.finally(() => {
      clearTimeout(timer);
      pending = undefined;
    });
  };

  let initialized: Promise<unknown> | undefined;
  const run = async (requestId: string, event: unknown, qualifier?: string): Promise<unknown> => {
    initialized ??= waitFor(INIT_TIMEOUT_MS, ({ kind }) => kind === 'ready' || kind === 'init_error');
    try {
      await initialized;
    } catch (error) {
      kill();
      throw error;
    }
    const answer = waitFor(timeoutMs, (message) => 'requestId' in message && message.requestId === requestId);
    const invocation: Invocation = {
      requestId,
      traceId: createTraceId(),
      deadline: Date.now() + timeoutMs,
      event: event ?? null,
      qualifier,
    };
    // Ignore a closed channel: the process has ended, and its `close` event rejects the answer.
    child.send({ ...invocation }, () => {});
    return answer;
  };

  return { run, isRunning: () => running, ended, kill };
};

/** In the format of X-Ray's header, not sampled. */
const createTraceId = () => {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
};
