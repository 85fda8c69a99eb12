import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../lambda/http/openapi.ts';

/** Writes docs/openapi.json anew; a test says when that is due. */
writeFileSync(
  new URL('../docs/openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument(), null, 2)}\n`,
);
