import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from '../lambda/http/openapi/document.ts';

const inRoot = (path: string) => new URL(`../${path}`, import.meta.url);

const { version }: { version: string } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
const text = `${JSON.stringify(openApiDocument(version), null, 2)}\n`;

/** Writes docs/openapi.json, and with `--release` the document that later ones are compared with. Tests fail if one is outdated. */
for (const path of [
  'docs/openapi.json',
  ...(process.argv.includes('--release') ? ['docs/released/openapi.json'] : []),
]) {
  writeFileSync(inRoot(path), text);
}
