import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CommandOptions, lastLines, runCommand } from './process.ts';

/**
 * Tested versions. The Lambda runtime for Python includes boto3, and the CDK handler for bucket notifications uses it.
 */
const PACKAGES = ['ministack==1.5.33', 'cfn-lint==1.58.0', 'boto3==1.43.106'] as const;

/** Paths of the commands. */
export interface PythonTools {
  readonly ministack: string;
  readonly cfnLint: string;
}

const NEEDS_PYTHON =
  'The end-to-end tests need Python 3.10 or newer with its venv module (on Debian: apt install python3-venv): ' +
  'the AWS emulator and cfn-lint are Python packages. They need neither Docker nor an AWS account.';

const IS_USABLE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';

/**
 * Installs the emulator and cfn-lint into a virtual environment in the user's cache folder, unless they are installed.
 *
 * @throws Error that names the missing part: Python, or access to the package index
 */
export const installPythonTools = async (options: CommandOptions): Promise<PythonTools> => {
  const cache = options.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const directory = join(cache, 'photo-avatars-e2e', PACKAGES.join('_').replaceAll('==', '-'));
  const tools = { ministack: join(directory, 'bin/ministack'), cfnLint: join(directory, 'bin/cfn-lint') };
  const complete = join(directory, 'complete');
  if (existsSync(complete)) return tools;

  const python = await findPython(options);
  // Removes the files of an interrupted installation.
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await requireSuccess(python, ['-m', 'venv', directory], NEEDS_PYTHON, options);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
  const help = `${PACKAGES.join(', ')} could not be installed. Can pip reach its package index?`;
  await requireSuccess(join(directory, 'bin/python'), pip, help, options);
  await writeFile(complete, `${PACKAGES.join('\n')}\n`);
  return tools;
};

const findPython = async (options: CommandOptions): Promise<string> => {
  for (const candidate of ['python3', 'python']) {
    try {
      const { exitCode } = await runCommand(candidate, ['-c', IS_USABLE], options);
      if (exitCode === 0) return candidate;
    } catch (error) {
      // This command does not exist: try the next one.
      if (options.signal.aborted) throw error;
    }
  }
  throw new Error(NEEDS_PYTHON);
};

const requireSuccess = async (command: string, args: string[], help: string, options: CommandOptions) => {
  const { exitCode, output } = await runCommand(command, args, options);
  if (exitCode !== 0) throw new Error(`${help}\n${lastLines(output)}`);
};
