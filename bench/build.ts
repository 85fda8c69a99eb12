import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles a file of `bench/` into a separate folder under `build/`, as CommonJS unless the options override it.
 *
 * @returns the path of the bundle
 */
export const buildForBench = (name: string, entry: string, options: BuildOptions = {}): string => {
  const directory = join(root, 'build', 'bench', name);
  const outfile = join(directory, options.format === 'esm' ? 'index.mjs' : 'index.cjs');
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
