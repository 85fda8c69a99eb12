/** Puts the functions' code into `dist/`, beside the compiled constructs: who has the package needs no bundler. */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleHandler, HANDLERS } from '../lib/handler-code.ts';

const handlers = fileURLToPath(new URL('../dist/handlers', import.meta.url));

for (const name of HANDLERS) {
  for (const sourceMaps of [false, true]) {
    // Copied, not bundled to there: a source map holds the way from its own folder to the sources, and with it the
    // code's hash would be another one than from source.
    const { directory } = bundleHandler(name, { sourceMaps });
    cpSync(directory, join(handlers, basename(directory)), { recursive: true });
  }
}
