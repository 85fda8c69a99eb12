/**
 * Runs the suite and the demo repeatedly on a busy machine: no test result may depend on the machine's speed.
 * `npm run stress` runs each kind three times; `npm run stress -- busy --runs 20` runs one kind twenty times.
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
  readonly description: string;
  readonly command: readonly string[];
  /** Whether all cores are kept busy during a run. */
  readonly isBusy: boolean;
}

/** `taskset` is part of Linux's util-linux. */
const KINDS: Record<string, Kind> = {
  busy: { description: 'the suite, all cores busy', command: suite, isBusy: true },
  'one-core': {
    description: 'the suite, pinned to one core',
    command: ['taskset', '--cpu-list', '0', ...suite],
    isBusy: false,
  },
  demo: { description: 'the demo, all cores busy', command: demo, isBusy: true },
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

const startLoad = (): ChildProcess[] =>
  Array.from({ length: availableParallelism() }, () => spawn(node, ['-e', 'for (;;);'], { stdio: 'ignore' }));

/** Runs a command and writes its output to a file. @returns whether it passed */
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
  const { description, command, isBusy } = KINDS[name] as Kind;
  for (let count = 1; count <= runs; count += 1) {
    const logFile = join(logs, `${name}-${count}.log`);
    const load = isBusy ? startLoad() : [];
    const startedAt = performance.now();
    const isPassed = await run(command, logFile).finally(() => {
      for (const child of load) child.kill('SIGKILL');
    });
    if (isPassed) passed += 1;
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const result = isPassed ? 'passed' : `FAILED, see ${logFile}`;
    console.log(`${description}: ${count} of ${runs} ${result}, ${seconds} s`);
  }
}
const total = chosen.length * runs;
console.log(`${passed} of ${total} runs passed.`);
process.exitCode = passed === total ? 0 : 1;
