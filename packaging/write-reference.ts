/** Writes the reference of the HTTP API, a page of HTML, into `dist/`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { referencePage } from './reference/page.ts';

const inRoot = (path: string) => new URL(`../${path}`, import.meta.url);

mkdirSync(inRoot('dist/docs/'), { recursive: true });
writeFileSync(
  inRoot('dist/docs/api.html'),
  referencePage(JSON.parse(readFileSync(inRoot('docs/openapi.json'), 'utf8'))),
);
