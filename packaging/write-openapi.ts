import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../lambda/http/openapi.ts';

/** Writes docs/openapi.json. A test fails if the file is outdated. */
writeFileSync(
  new URL('../docs/openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument(), null, 2)}\n`,
);
