/** Copies the bundled functions into `dist/`, so that users of the package need no bundler. */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleHandler, HANDLERS } from '../lib/handler-code.ts';

const handlers = fileURLToPath(new URL('../dist/handlers', import.meta.url));

for (const name of HANDLERS) {
  for (const sourceMaps of [false, true]) {
    // Not bundled into `dist/`: a source map contains relative paths to the sources, so the asset's hash would
    // differ from that of a deployment from source.
    const { directory } = bundleHandler(name, { sourceMaps });
    cpSync(directory, join(handlers, basename(directory)), { recursive: true });
  }
}
