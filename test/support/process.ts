import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Ends the command early. */
  readonly signal: AbortSignal;
}

export interface CommandResult {
  /** `null` if a signal ended the command. */
  readonly exitCode: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Runs a command to its end. @throws Error of `node:child_process` if it cannot start or is aborted */
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

/** Runs a command that must succeed. @throws Error with the end of its output */
export const requireCommand = async (
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> => {
  const { exitCode, output } = await runCommand(command, args, options);
  if (exitCode === 0) return output;
  throw new Error(`${[command, ...args].join(' ')} ended with ${exitCode}:\n${lastLines(output)}`);
};

/** @returns a function that returns the output so far */
export const collectOutput = (child: ChildProcess): (() => string) => {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  return () => chunks.join('');
};

/** The last lines of the output, each cut to 400 characters. */
export const lastLines = (output: string, count = 40): string =>
  output
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => line.slice(0, 400))
    .join('\n');
