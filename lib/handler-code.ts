import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';

/** The deployed functions. `lambda/<name>.ts` exports the `handler` of each. */
export const HANDLERS = ['api', 'intake', 'dispatch'] as const;

export type HandlerName = (typeof HANDLERS)[number];

/** Root of the repository, or of `dist/` in the package. */
const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiled, this module is part of the package, which contains the bundled handlers. */
const isPackaged = import.meta.url.endsWith('.js');

const folderOf = (name: string, sourceMaps: boolean): string => (sourceMaps ? `${name}-mapped` : name);

/** The folder with a handler's code, for Lambda. The package contains it, so its users need no bundler. */
export const handlerCode = (name: HandlerName, { sourceMaps }: { readonly sourceMaps: boolean }): string =>
  isPackaged
    ? join(root, 'handlers', folderOf(name, sourceMaps))
    : bundleHandler(name, { sourceMaps }).directory;

export interface BundleOptions {
  /**
   * Folder to write to. It is created if missing; all other files in it are removed.
   * @default - a folder per bundle under `build/`
   */
  readonly outdir?: string;
  /** Adds `handler.cjs.map`, which Node reads with `--enable-source-maps`. @default false */
  readonly sourceMaps?: boolean;
}

export interface Bundle {
  /** Contains `index.mjs`, `handler.cjs`, optionally `handler.cjs.map`, and for the api `openapi.json`; it is what gets deployed. */
  readonly directory: string;
  /** Path of `index.mjs`, which Lambda loads. */
  readonly entry: string;
  /** Path of `handler.cjs`, which contains all the code. */
  readonly code: string;
  /** Size of `handler.cjs`. */
  readonly bytes: number;
}

/**
 * Lambda awaits the top level of an ES module, but not what a CommonJS file has started. So the connections and the key
 * are ready before the first event, using the full CPU of the init phase, and no work is pending when Lambda freezes an
 * environment that it initialized ahead of its first event.
 *
 * https://aws.amazon.com/blogs/compute/using-node-js-es-modules-and-top-level-await-in-aws-lambda/
 */
const ENTRY = `import { createRequire } from 'node:module';
const { handler, ready } = createRequire(import.meta.url)('./handler.cjs');
await ready;
export { handler };
`;

/**
 * The API's description, which its function loads only to answer `GET /openapi.json`: a file of its own, because all code
 * in the bundle is parsed at every start.
 */
const DESCRIPTION = './openapi.json';

const bundled = new Map<string, Bundle>();

/**
 * Bundles `lambda/<name>.ts` with everything it imports. The output is reproducible; the same bundle is deployed,
 * benchmarked and run locally. Each bundle is built once per process.
 *
 * @throws Error if there is no such handler; esbuild's BuildFailure if the build fails.
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
  // Loaded here, because the package does not depend on esbuild.
  const esbuild: typeof Esbuild = createRequire(import.meta.url)('esbuild');
  const { outputFiles } = esbuild.buildSync({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: code,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // In an ES module, the SDK's `import http from 'node:http'` would initialize all of undici at start.
    format: 'cjs',
    // Platform `node` prefers the SDK's CommonJS entry points, which esbuild cannot tree-shake.
    mainFields: ['module', 'main'],
    // The SDK's `import('node:http')` would initialize the same namespace at the first call.
    supported: { 'dynamic-import': false },
    minify: true,
    legalComments: 'none',
    alias: {
      '@aws-sdk/credential-provider-node': join(root, 'lambda/adapters/aws/environment-credentials.ts'),
      '@smithy/core/event-streams': join(root, 'lambda/adapters/aws/no-event-streams.ts'),
      '#openapi.json': DESCRIPTION,
    },
    external: [DESCRIPTION],
    sourcemap: sourceMaps && 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  const text = outputFiles.find(({ path }) => path === code)?.text;
  if (text === undefined) throw new Error(`esbuild produced no JavaScript for ${source}.`);
  const files = new Map(outputFiles.map((file) => [basename(file.path), file.text]));
  files.set('index.mjs', ENTRY);
  if (text.includes(DESCRIPTION)) {
    files.set(basename(DESCRIPTION), readFileSync(join(root, 'docs/openapi.json'), 'utf8'));
  }
  writeFiles(directory, files);
  const bundle = { directory, entry: join(directory, 'index.mjs'), code, bytes: Buffer.byteLength(text) };
  bundled.set(key, bundle);
  return bundle;
};

/**
 * Moves each file into place as a whole, because other processes (test workers) may be reading the folder. Removes all
 * other files, because the whole folder is deployed.
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
