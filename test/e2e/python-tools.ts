import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CommandOptions, lastLines, runCommand } from './process.ts';

/**
 * The exact versions that these tests were made with. Lambda gives functions in Python boto3, and CDK's own handler for
 * the notifications of buckets is one.
 */
const PACKAGES = ['ministack==1.5.33', 'cfn-lint==1.58.0', 'boto3==1.43.106'] as const;

/** Paths of the commands. */
export interface PythonTools {
  readonly ministack: string;
  readonly cfnLint: string;
}

const NEEDS_PYTHON =
  'The end-to-end tests need Python 3.10 or newer with its venv module (on Debian: apt install python3-venv): ' +
  'the AWS emulator and cfn-lint are Python packages. Neither Docker nor an AWS account is needed.';

const IS_USABLE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';

/**
 * Installs the emulator and cfn-lint into a virtual environment in the user's cache folder, unless they are there.
 *
 * @throws Error that says what is missing: Python, or the way to the package index
 */
export const installPythonTools = async (options: CommandOptions): Promise<PythonTools> => {
  const cache = options.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const directory = join(cache, 'photo-avatars-e2e', PACKAGES.join('_').replaceAll('==', '-'));
  const tools = { ministack: join(directory, 'bin/ministack'), cfnLint: join(directory, 'bin/cfn-lint') };
  const complete = join(directory, 'complete');
  if (existsSync(complete)) return tools;

  const python = await findPython(options);
  // What an interrupted installation left behind.
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await demand(python, ['-m', 'venv', directory], NEEDS_PYTHON, options);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
  const help = `${PACKAGES.join(', ')} could not be installed. Can pip reach its package index?`;
  await demand(join(directory, 'bin/python'), pip, help, options);
  await writeFile(complete, `${PACKAGES.join('\n')}\n`);
  return tools;
};

const findPython = async (options: CommandOptions): Promise<string> => {
  for (const candidate of ['python3', 'python']) {
    try {
      const { exitCode } = await runCommand(candidate, ['-c', IS_USABLE], options);
      if (exitCode === 0) return candidate;
    } catch (error) {
      // Not there: the next one may be.
      if (options.signal.aborted) throw error;
    }
  }
  throw new Error(NEEDS_PYTHON);
};

const demand = async (command: string, args: string[], help: string, options: CommandOptions) => {
  const { exitCode, output } = await runCommand(command, args, options);
  if (exitCode !== 0) throw new Error(`${help}\n${lastLines(output)}`);
};
