import { writeFileSync } from 'node:fs';
import { eventSchemaDocument } from '../events/schemas.ts';

/** Writes docs/events.schema.json. A test fails if the file is outdated. */
writeFileSync(
  new URL('../docs/events.schema.json', import.meta.url),
  `${JSON.stringify(eventSchemaDocument(), null, 2)}\n`,
);
