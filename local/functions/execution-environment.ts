import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exited, FunctionError, timedOut } from './function-error.ts';
import { type HostMessage, hostMessage, type Invocation } from './messages.ts';

/** Lambda allows 10 s and then starts over. Here only a start that hangs takes so long, however busy the machine is. */
const INIT_TIMEOUT_MS = 120_000;

const hostPath = fileURLToPath(new URL('./function-host.ts', import.meta.url));

export interface EnvironmentOptions {
  /** Path of the handler's module. */
  readonly entry: string;
  /** Name of its export. */
  readonly handler: string;
  /** The whole environment of the process. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLog: (line: string) => void;
}

export interface ExecutionEnvironment {
  /**
   * Runs one event; one at a time.
   *
   * @throws FunctionError
   */
  run(requestId: string, event: unknown): Promise<unknown>;
  isAlive(): boolean;
  /** Resolves when the process has ended, for whatever reason, and all it wrote has been read. */
  readonly gone: Promise<void>;
  /** Kills the process without a warning; resolves with `gone`. */
  kill(): Promise<void>;
}

/** Starts a process that will run a function's events, and that dies with this one. */
export const startEnvironment = (options: EnvironmentOptions): ExecutionEnvironment => {
  const { entry, handler, variables, timeoutMs, onLog } = options;
  const child = fork(hostPath, [entry, handler], {
    env: { ...variables },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', onLog);

  let alive = true;
  let conversation: { receive(message: HostMessage): void; fail(error: Error): void } | undefined;
  let end: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  const { promise: gone, resolve: reportGone } = Promise.withResolvers<void>();
  child.on('message', (message) => {
    const parsed = hostMessage.parse(message);
    // What the handler wrote before is in the pipe by now: let it be read before the result is known.
    setImmediate(() => conversation?.receive(parsed));
  });
  child.on('error', (error) => conversation?.fail(error));
  child.once('exit', () => {
    alive = false;
  });
  child.once('close', (code, signal) => {
    end = { code, signal };
    conversation?.fail(exited(code, signal));
    reportGone();
  });

  const kill = () => {
    alive = false;
    child.kill('SIGKILL');
    return gone;
  };

  /** Waits for a message that is an answer. Without one in time the process is killed. */
  const waitFor = async (limitMs: number, isAnswer: (message: HostMessage) => boolean): Promise<unknown> => {
    if (end) throw exited(end.code, end.signal);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    conversation = {
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
      conversation = undefined;
    });
  };

  let initialized: Promise<unknown> | undefined;
  const run = async (requestId: string, event: unknown): Promise<unknown> => {
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
    };
    // A channel that is closed belongs to a process that has ended, which is reported by itself.
    child.send({ ...invocation }, () => {});
    return answer;
  };

  return { run, isAlive: () => alive, gone, kill };
};

/** In the format of X-Ray's header, not sampled. */
const createTraceId = () => {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
};
