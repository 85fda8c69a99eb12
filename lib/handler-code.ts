import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Acorn from 'acorn';
import type * as Esbuild from 'esbuild';
import { plainFunctions } from './plain-functions.ts';

/** The functions that are deployed: `lambda/<name>.ts` exports the `handler` of each. */
export const HANDLERS = ['api', 'intake', 'dispatch'] as const;

export type HandlerName = (typeof HANDLERS)[number];

/** Of this repository; in the package, of its compiled form. */
const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiled, this module is a part of the package, which brings the handlers along, bundled when it was made. */
const isPackaged = import.meta.url.endsWith('.js');

const folderOf = (name: string, sourceMaps: boolean): string => (sourceMaps ? `${name}-mapped` : name);

/** The folder with a handler's code, for Lambda. Whoever has the package needs no bundler to get it. */
export const handlerCode = (name: HandlerName, { sourceMaps }: { readonly sourceMaps: boolean }): string =>
  isPackaged
    ? join(root, 'handlers', folderOf(name, sourceMaps))
    : bundleHandler(name, { sourceMaps }).directory;

export interface BundleOptions {
  /**
   * Folder to write to, made if missing; anything else in it is removed.
   * @default - a folder of the bundle's own under `build/`
   */
  readonly outdir?: string;
  /** Adds `handler.cjs.map`. It is read only where Node runs with `--enable-source-maps`. @default false */
  readonly sourceMaps?: boolean;
}

export interface Bundle {
  /** Holds `index.mjs`, `handler.cjs` and, if asked for, `handler.cjs.map`: what Lambda gets. */
  readonly directory: string;
  /** Path of `index.mjs`, which Lambda loads. */
  readonly entry: string;
  /** Path of `handler.cjs`, which holds all the code. */
  readonly code: string;
  /** Size of the code. */
  readonly bytes: number;
}

/**
 * Lambda's runtime loads a CommonJS file and is done with it, whatever that file has begun. An ES module it waits for:
 * the connections stand and the key is there before the first event, with the full CPU that a function has only while
 * it starts, and nothing is under way when an environment that was started ahead of its first event is frozen.
 *
 * https://aws.amazon.com/blogs/compute/using-node-js-es-modules-and-top-level-await-in-aws-lambda/
 */
const ENTRY = `import { createRequire } from 'node:module';
const { handler, ready } = createRequire(import.meta.url)('./handler.cjs');
await ready;
export { handler };
`;

const bundled = new Map<string, Bundle>();

/**
 * Bundles `lambda/<name>.ts` with everything it imports. The result is the same wherever it is built, and
 * is what gets deployed, measured and run locally. Built once in a process.
 *
 * @throws Error when there is no such handler, and esbuild's BuildFailure when it does not build.
 */
export const bundleHandler = (name: string, options: BundleOptions = {}): Bundle => {
  const sourceMaps = options.sourceMaps ?? false;
  const directory = resolve(options.outdir ?? join(root, 'build', folderOf(name, sourceMaps)));
  const code = join(directory, 'handler.cjs');
  const key = JSON.stringify([name, sourceMaps, directory]);
  const known = bundled.get(key);
  if (known) return known;

  const source = join('lambda', `${name}.ts`);
  if (!existsSync(join(root, source))) throw new Error(`There is no handler ${source} to bundle.`);
  // Not at the top: the package goes without them.
  const require = createRequire(import.meta.url);
  const esbuild: typeof Esbuild = require('esbuild');
  const acorn: typeof Acorn = require('acorn');
  const { outputFiles } = esbuild.buildSync({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: code,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // In an ES module `import http from 'node:http'`, which the SDK has, builds all of undici at start.
    format: 'cjs',
    // The SDK's CommonJS entry points, which platform `node` would prefer, cannot be tree-shaken.
    mainFields: ['module', 'main'],
    // `import('node:http')`, which the SDK has too, would build that same namespace at the first call.
    supported: { 'dynamic-import': false },
    minify: true,
    legalComments: 'none',
    alias: {
      '@aws-sdk/credential-provider-node': join(root, 'lambda/adapters/environment-credentials.ts'),
      '@aws-sdk/middleware-endpoint-discovery': join(root, 'lambda/adapters/no-endpoint-discovery.ts'),
      '@smithy/core/event-streams': join(root, 'lambda/adapters/no-event-streams.ts'),
    },
    sourcemap: sourceMaps && 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  const output = outputFiles.find(({ path }) => path === code)?.text;
  if (output === undefined) throw new Error(`esbuild made no JavaScript from ${source}.`);
  // A source map tells where esbuild put things: then nothing may be moved any more.
  const text = sourceMaps ? output : plainFunctions(output, acorn.parse(output, { ecmaVersion: 'latest' }));
  writeFiles(
    directory,
    new Map([
      ...outputFiles.map((file) => [basename(file.path), file.text] as const),
      [basename(code), text],
      ['index.mjs', ENTRY],
    ]),
  );
  const bundle = { directory, entry: join(directory, 'index.mjs'), code, bytes: Buffer.byteLength(text) };
  bundled.set(key, bundle);
  return bundle;
};

/**
 * Each file is moved into place whole: another process may be reading the folder (test workers do). What an earlier
 * version left there goes: all of the folder is deployed.
 */
const writeFiles = (directory: string, files: ReadonlyMap<string, string>): void => {
  mkdirSync(directory, { recursive: true });
  const staging = mkdtempSync(join(dirname(directory), '.staging-'));
  for (const [name, contents] of files) {
    writeFileSync(join(staging, name), contents);
    renameSync(join(staging, name), join(directory, name));
  }
  rmSync(staging, { recursive: true });
  for (const name of readdirSync(directory))
    if (!files.has(name)) rmSync(join(directory, name), { force: true });
};
