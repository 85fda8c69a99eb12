import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('../../cli/photo-avatars.js', import.meta.url));

/** Nothing of this machine's identity: no profile, no credentials, no proxy. */
const ENVIRONMENT = { AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent', PATH: process.env.PATH };

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line as a process, without a terminal. */
export const startCli = (args: readonly string[], { env = {}, cwd }: CliOptions = {}) => {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return {
    child,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Resolves when the process has ended. */
    end: printed.then(([stdout, stderr]): CliResult => ({ code: child.exitCode, stdout, stderr })),
  };
};

/** Runs the command line to its end. */
export const runCli = (args: readonly string[], options?: CliOptions): Promise<CliResult> =>
  startCli(args, options).end;

/** The one JSON document that a command printed. */
export const documentIn = ({ stdout }: CliResult) => {
  const document = JSON.parse(stdout);
  expect(stdout).toBe(`${JSON.stringify(document, null, 2)}\n`);
  return document;
};

/** A folder that is removed at the end. */
export const scratchFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'photo-avatars-cli-'));
  return { path, in: (name: string) => join(path, name), remove: () => rmSync(path, { recursive: true }) };
};

/** The options of a request that is valid. */
export const REQUEST_OPTIONS = [
  ...['--age', 'Adult', '--style', 'Professional', '--gender', 'Female', '--model', 'modern'],
  ...['--ratio', 'portrait'],
];
