import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles a file of `bench/` as CommonJS, into a folder of its own under `build/`.
 *
 * @returns the path of the bundle
 */
export const buildForBench = (name: string, entry: string, options: BuildOptions = {}): string => {
  const directory = join(root, 'build', 'bench', name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"type":"commonjs"}\n');
  const outfile = join(directory, 'index.js');
  buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
    ...options,
  });
  return outfile;
};
