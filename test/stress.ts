/**
 * Runs the suite, or the demo, again and again on a machine that has something else to do: no verdict may depend on speed.
 * `npm run stress` does all of it three times; `npm run stress -- busy --runs 20` one kind of it twenty times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = process.execPath;
const suite = [node, join(root, 'node_modules/vitest/vitest.mjs'), 'run'];
const demo = [node, join(root, 'local/demo.ts')];

interface Kind {
  readonly what: string;
  readonly command: readonly string[];
  /** Whether every core is kept busy meanwhile. */
  readonly isBusy: boolean;
}

/** `taskset` is part of Linux's util-linux. */
const KINDS: Record<string, Kind> = {
  busy: { what: 'the suite, every core busy', command: suite, isBusy: true },
  'one-core': {
    what: 'the suite, pinned to one core',
    command: ['taskset', '--cpu-list', '0', ...suite],
    isBusy: false,
  },
  demo: { what: 'the demo, every core busy', command: demo, isBusy: true },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' } },
});
const runs = Number(values.runs);
const chosen = positionals.length > 0 ? positionals : Object.keys(KINDS);
if (!Number.isInteger(runs) || runs < 1 || chosen.some((name) => !KINDS[name])) {
  console.error(`Usage: npm run stress -- [${Object.keys(KINDS).join('] [')}] [--runs N]`);
  process.exit(2);
}

const startHogs = (): ChildProcess[] =>
  Array.from({ length: availableParallelism() }, () => spawn(node, ['-e', 'for (;;);'], { stdio: 'ignore' }));

/** Runs a command with its output in a file. @returns whether it passed */
const run = async ([command = '', ...args]: readonly string[], logFile: string): Promise<boolean> => {
  const log = openSync(logFile, 'w');
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', log, log] });
  closeSync(log);
  const [status] = await once(child, 'close');
  return status === 0;
};

const logs = join(root, 'build/stress');
mkdirSync(logs, { recursive: true });
let passed = 0;
for (const name of chosen) {
  const { what, command, isBusy } = KINDS[name] as Kind;
  for (let count = 1; count <= runs; count += 1) {
    const logFile = join(logs, `${name}-${count}.log`);
    const hogs = isBusy ? startHogs() : [];
    const since = performance.now();
    const isGreen = await run(command, logFile).finally(() => {
      for (const hog of hogs) hog.kill('SIGKILL');
    });
    if (isGreen) passed += 1;
    const seconds = Math.round((performance.now() - since) / 1_000);
    const verdict = isGreen ? 'passed' : `FAILED, see ${logFile}`;
    console.log(`${what}: ${count} of ${runs} ${verdict}, ${seconds} s`);
  }
}
const total = chosen.length * runs;
console.log(`${passed} of ${total} green.`);
process.exitCode = passed === total ? 0 : 1;
