import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Ends the command early. */
  readonly signal: AbortSignal;
}

export interface CommandResult {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  /** What it printed, to its standard output and to its standard error. */
  readonly output: string;
}

/** Runs a command to its end. @throws Error of `node:child_process` when it cannot be started or is aborted */
export const runCommand = async (
  command: string,
  args: readonly string[],
  { env, cwd, signal }: CommandOptions,
): Promise<CommandResult> => {
  const child = spawn(command, args, { env, cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collectOutput(child);
  const [exitCode] = await once(child, 'close');
  return { exitCode, output: output() };
};

/** Runs a command that has to succeed. @throws Error with the end of what it printed */
export const demandCommand = async (
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> => {
  const { exitCode, output } = await runCommand(command, args, options);
  if (exitCode === 0) return output;
  throw new Error(`${[command, ...args].join(' ')} ended with ${exitCode}:\n${lastLines(output)}`);
};

/** @returns what the process printed so far, whenever it is called */
export const collectOutput = (child: ChildProcess): (() => string) => {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  return () => chunks.join('');
};

/** The end of what was printed, without the ends of its longest lines. */
export const lastLines = (output: string, count = 40): string =>
  output
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => line.slice(0, 400))
    .join('\n');
