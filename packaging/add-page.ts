/** Writes the files of the page into `dist/`, so that users of the package need no bundler. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadAssets } from '../page/server/assets.ts';

const folder = new URL('../dist/page/app/', import.meta.url);

mkdirSync(folder, { recursive: true });
for (const [path, { content }] of await loadAssets()) {
  writeFileSync(new URL(path === '/' ? 'index.html' : path.slice(1), folder), content);
}
