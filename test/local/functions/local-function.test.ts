import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type FunctionOptions,
  type LocalFunction,
  startFunction,
} from '../../../local/functions/local-function.ts';
import { eventually } from '../../support/eventually.ts';

/** Longer than any event. */
const TIMEOUT_MS = 600_000;

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

const started: LocalFunction[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await Promise.all(started.splice(0).map(async (each) => Promise.all([each.kill(), each.close()])));
});

const start = (options: Partial<FunctionOptions> = {}) => {
  const lines: string[] = [];
  const local = startFunction({
    entry: fixture('probe.ts'),
    environment: {},
    timeoutMs: TIMEOUT_MS,
    maxConcurrency: 1,
    onLog: (line) => lines.push(line),
    ...options,
  });
  started.push(local);
  return { ...local, lines };
};

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a local function', () => {
  it('keeps its memory between events', async () => {
    const { invoke } = start();
    const first = await invoke({ do: 'count' });
    expect(first).toEqual({ pid: expect.any(Number), count: 1 });
    expect(await invoke({ do: 'count' })).toEqual({ ...Object(first), count: 2 });
  });

  it('passes a context to the handler', async () => {
    const { invoke } = start({ name: 'probe-function' });
    const before = Date.now();
    const described = await invoke({ do: 'describe' });
    expect(described).toMatchObject({
      functionName: 'probe-function',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      traceId: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    });
    const { deadline } = Object(described);
    expect(deadline).toBeGreaterThanOrEqual(before + TIMEOUT_MS);
    expect(deadline).toBeLessThanOrEqual(Date.now() + TIMEOUT_MS);
  });

  it('returns 6 MB of JSON at most, as Lambda does', async () => {
    const { invoke } = start();
    // Two bytes are the quotes.
    expect(await invoke({ do: 'fill', bytes: 6_291_554 })).toHaveLength(6_291_554);
    await expect(invoke({ do: 'fill', bytes: 6_291_555 })).rejects.toMatchObject({
      name: 'Function.ResponseSizeTooLarge',
    });
  });

  it('has its own variables and those of Lambda, and none of this process', async () => {
    vi.stubEnv('NODE_OPTIONS', '--no-deprecation');
    vi.stubEnv('OF_THE_PARENT', 'yes');
    const { invoke } = start({ environment: { LEDGER_TABLE: 'ledger', AWS_REGION: 'eu-central-1' } });
    const { variables } = Object(await invoke({ do: 'describe' }));
    expect(variables).toMatchObject({
      LEDGER_TABLE: 'ledger',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'probe',
      AWS_ACCESS_KEY_ID: 'local',
    });
    expect(variables).not.toHaveProperty('OF_THE_PARENT');
    expect(variables).not.toHaveProperty('NODE_OPTIONS');
    expect(variables).not.toHaveProperty('HOME');
  });

  it('adds no session token to configured credentials', async () => {
    const { invoke } = start({ environment: { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' } });
    const { variables } = Object(await invoke({ do: 'describe' }));
    expect(variables.AWS_ACCESS_KEY_ID).toBe('AKID');
    expect(variables).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  it('returns null if the handler returns nothing', async () => {
    expect(await start().invoke({ do: 'nothing' })).toBeNull();
  });

  it('runs a CommonJS bundle', async () => {
    const { invoke } = start({ entry: fixture('bundled.cjs') });
    expect(await invoke({ a: 1 })).toEqual({ bundled: true, event: { a: 1 } });
  });

  it('delivers every line of both streams before the result', async () => {
    const { invoke, lines } = start();
    for (let count = 1; count <= 100; count += 1) {
      await invoke({ do: 'log', lines: [`short ${count}`] });
      expect(lines).toHaveLength(2 * count);
    }
  });

  it('delivers a log that exceeds the pipe buffer before the result', async () => {
    const { invoke, lines } = start();
    const written = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'x'.repeat(50)}`);
    await invoke({ do: 'log', lines: written });
    expect(lines.filter((line) => line !== 'to stderr')).toEqual(written);
  });

  it('rejects with the name and the message of the thrown value, and keeps its process', async () => {
    const { invoke } = start();
    const { pid } = Object(await invoke({ do: 'count' }));
    const thrown = invoke({ do: 'throw', name: 'InsufficientCredit', message: 'top up' });
    await expect(thrown).rejects.toMatchObject({ name: 'InsufficientCredit', message: 'top up' });
    const text = invoke({ do: 'throw text', text: 'no error object' });
    await expect(text).rejects.toMatchObject({ name: 'string', message: 'no error object' });
    expect(await invoke({ do: 'count' })).toEqual({ pid, count: 2 });
  });

  it('rejects with Runtime.ExitError if the process exits, and starts a new process for the next event', async () => {
    const { invoke } = start();
    const { pid } = Object(await invoke({ do: 'count' }));
    await expect(invoke({ do: 'exit', status: 3 })).rejects.toMatchObject({
      name: 'Runtime.ExitError',
      message: 'Runtime exited with error: exit status 3',
    });
    const next = Object(await invoke({ do: 'count' }));
    expect(next.count).toBe(1);
    expect(next.pid).not.toBe(pid);
  });

  it('logs an uncaught exception', async () => {
    const { invoke, lines } = start();
    await expect(invoke({ do: 'crash' })).rejects.toMatchObject({ name: 'Runtime.ExitError' });
    expect(lines.join('\n')).toContain('this error is not caught');
  });

  it('is killed if an event exceeds the time limit', async () => {
    const { invoke } = start({ timeoutMs: 61_500 });
    const { pid } = Object(await invoke({ do: 'count' }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = invoke({ do: 'forever' });
    const rejected = expect(running).rejects.toMatchObject({
      name: 'Sandbox.Timedout',
      message: 'Task timed out after 61.50 seconds',
    });
    const ended = vi.fn();
    running.catch(ended);
    await vi.advanceTimersByTimeAsync(61_499);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await rejected;
    await eventually(() => expect(isRunning(pid)).toBe(false));
    expect(Object(await invoke({ do: 'count' })).pid).not.toBe(pid);
  });

  it('rejects events with the load error of its module', async () => {
    const { invoke, lines } = start({ entry: fixture('broken.ts') });
    const failure = { name: 'RangeError', message: 'this module cannot be loaded' };
    await expect(invoke({})).rejects.toMatchObject(failure);
    await expect(invoke({})).rejects.toMatchObject(failure);
    expect(lines.join('\n')).toContain('this module cannot be loaded');
  });

  it('rejects events if the module has no handler', async () => {
    const { invoke } = start({ entry: fixture('no-handler.ts') });
    await expect(invoke({})).rejects.toMatchObject({
      name: 'Runtime.HandlerNotFound',
      message: 'no-handler.ts does not export a function called handler.',
    });
  });

  it('runs concurrent events up to the limit, each in a separate process', async () => {
    const { invoke } = start({ maxConcurrency: 2 });
    const results = await Promise.all([1, 2, 3, 4].map(() => invoke({ do: 'wait', milliseconds: 50 })));
    expect(new Set(results.map((result) => Object(result).pid)).size).toBe(2);
  });

  it('rejects the running event when it is killed, and accepts further events', async () => {
    const { invoke, kill, lines } = start();
    const { pid } = Object(await invoke({ do: 'count' }));
    const running = invoke({ do: 'forever' });
    const rejected = expect(running).rejects.toMatchObject({
      name: 'Runtime.ExitError',
      message: 'Runtime exited with error: signal: SIGKILL',
    });
    await eventually(() => expect(lines).toContain('started'));
    await kill();
    await rejected;
    expect(isRunning(pid)).toBe(false);
    expect(await invoke({ do: 'count' })).toMatchObject({ count: 1 });
  });

  it('finishes accepted events before it closes, and accepts no more', async () => {
    const { invoke, close } = start();
    const running = invoke({ do: 'wait', milliseconds: 100 });
    const waiting = invoke({ do: 'wait', milliseconds: 1 });
    await close();
    const { pid } = Object(await running);
    expect(await waiting).toEqual({ pid });
    expect(isRunning(pid)).toBe(false);
    await expect(invoke({ do: 'count' })).rejects.toThrow('is closed');
  });

  it('exits with its parent, even if the parent is killed', async () => {
    const parent = spawn(process.execPath, [fixture('parent.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const exited = once(parent, 'exit');
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const { pid } = JSON.parse(line);
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await exited;
    await eventually(() => expect(isRunning(pid)).toBe(false));
  });
});
