import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs Redocly CLI with the repository's configuration. It has a network to report its use to, and new versions to look for. */
export const runRedocly = async (
  ...args: string[]
): Promise<{ exitCode: number; stdout: string; stderr: string }> => {
  const env = {
    PATH: process.env.PATH,
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    NO_COLOR: '1',
  };
  const options = { cwd: root, env, maxBuffer: 32 * 1024 * 1024 };
  const command = [`${root}/node_modules/@redocly/cli/bin/cli.js`, ...args];
  try {
    return { exitCode: 0, ...(await promisify(execFile)(process.execPath, command, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { exitCode: code, stdout, stderr };
  }
};
