import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CommandOptions, lastLines, runCommand } from './process.ts';

const IS_USABLE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';

export interface PythonPackages {
  /** Of the folder in the user's cache folder. */
  readonly name: string;
  /** With their exact versions. */
  readonly packages: readonly string[];
  /** What needs them, for a person without Python. */
  readonly purpose: string;
}

/**
 * Installs Python packages into a virtual environment in the user's cache folder, unless they are installed.
 *
 * @returns the folder of their commands
 * @throws Error that names the missing part: Python, or access to the package index
 */
export const installPythonPackages = async (
  { name, packages, purpose }: PythonPackages,
  options: CommandOptions,
): Promise<string> => {
  const cache = options.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const directory = join(cache, name, packages.join('_').replaceAll('==', '-'));
  const commands = join(directory, 'bin');
  const complete = join(directory, 'complete');
  if (existsSync(complete)) return commands;

  const needsPython = `${purpose} Python 3.10 or newer with its venv module is needed (on Debian: apt install python3-venv).`;
  const python = await findPython(needsPython, options);
  // Removes the files of an interrupted installation.
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await requireSuccess(python, ['-m', 'venv', directory], needsPython, options);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  const help = `${packages.join(', ')} could not be installed. Can pip reach its package index?`;
  await requireSuccess(join(commands, 'python'), pip, help, options);
  await writeFile(complete, `${packages.join('\n')}\n`);
  return commands;
};

const findPython = async (needsPython: string, options: CommandOptions): Promise<string> => {
  for (const candidate of ['python3', 'python']) {
    try {
      const { exitCode } = await runCommand(candidate, ['-c', IS_USABLE], options);
      if (exitCode === 0) return candidate;
    } catch (error) {
      // This command does not exist: try the next one.
      if (options.signal.aborted) throw error;
    }
  }
  throw new Error(needsPython);
};

const requireSuccess = async (command: string, args: string[], help: string, options: CommandOptions) => {
  const { exitCode, output } = await runCommand(command, args, options);
  if (exitCode !== 0) throw new Error(`${help}\n${lastLines(output)}`);
};
