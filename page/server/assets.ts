import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly content: Uint8Array;
}

/** The files of the page, by their paths. */
export type Assets = ReadonlyMap<string, Asset>;

const HTML = { name: 'index.html', type: 'text/html; charset=utf-8' } as const;
const ICON = { name: 'favicon.svg', type: 'image/svg+xml' } as const;

/** What esbuild makes of `main.tsx`. */
const BUNDLED = {
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
} as const;

/** The folder of the page: its source, or what `npm run build` made of it. */
const folder = fileURLToPath(new URL('../app/', import.meta.url));

/** The page is not part of this installation. */
export class PageMissing extends Error {
  override readonly name = 'PageMissing';
}

const assetIn = (path: string, type: string): Asset => ({ type, content: readFileSync(path) });

/** Bundles the page's code. @throws PageMissing without esbuild; its BuildFailure if the build fails */
const bundled = async (): Promise<(readonly [string, Asset])[]> => {
  // Loaded here, because the package does not depend on esbuild.
  const { buildSync } = await import('esbuild').catch((cause: unknown) => {
    throw new PageMissing('The page cannot be built: esbuild is not installed. Run npm ci.', { cause });
  });
  // Its asynchronous form leaves a process running.
  const { outputFiles } = buildSync({
    absWorkingDir: folder,
    entryPoints: { app: 'main.tsx' },
    outdir: folder,
    write: false,
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return Object.entries(BUNDLED).map(([name, type]) => {
    const content = outputFiles.find(({ path }) => path.endsWith(name))?.contents;
    return [`/${name}`, { type, content: content ?? new Uint8Array() }];
  });
};

/**
 * The files of the page: built from its source in the repository, read in the package.
 *
 * @throws PageMissing if they are not there
 */
export const loadAssets = async (): Promise<Assets> => {
  const isSource = existsSync(`${folder}main.tsx`);
  if (!isSource && !existsSync(`${folder}app.js`)) {
    throw new PageMissing(
      'This installation does not contain the page. Install the package photo-avatars again.',
    );
  }
  const code = isSource
    ? await bundled()
    : Object.entries(BUNDLED).map(([name, type]) => [`/${name}`, assetIn(`${folder}${name}`, type)] as const);
  return new Map([
    ['/', assetIn(`${folder}${HTML.name}`, HTML.type)],
    [`/${ICON.name}`, assetIn(`${folder}${ICON.name}`, ICON.type)],
    ...code,
  ]);
};
