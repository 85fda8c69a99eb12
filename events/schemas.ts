import * as z from 'zod';
import { PUBLISHED_EVENTS } from '../lambda/shared/event-schemas.ts';
import { requestEvent } from './request-event.ts';

/** Every event, published or accepted, by the name of its schema: its detail-type without spaces. */
export const EVENTS = [...Object.values(PUBLISHED_EVENTS), requestEvent].map((event) => {
  const [detailType = ''] = event.shape['detail-type'].def.values;
  return { name: detailType.replaceAll(' ', ''), detailType, event };
});

type Dialect = 'draft-2020-12' | 'openapi-3.0';

/** The JSON Schema of one value. */
export const jsonSchemaOf = (schema: z.core.$ZodType, target: Dialect): z.core.JSONSchema.BaseSchema => {
  const { $schema: _, ...written } = z.toJSONSchema(schema, {
    target,
    // Receivers ignore unknown fields. Requests refuse them, because their schema is strict.
    io: 'input',
    // Remove what `type` and `format` say already.
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'integer') {
        delete jsonSchema.minimum;
        delete jsonSchema.maximum;
      }
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return written;
};

/** The JSON Schema of all events. */
export const eventSchemaDocument = () => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Events of the photo avatar service',
  description:
    'Published events, and the event that requests a photo avatar (PhotoAvatarRequested), as EventBridge delivers them.',
  oneOf: EVENTS.map(({ name }) => ({ $ref: `#/$defs/${name}` })),
  $defs: Object.fromEntries(EVENTS.map(({ name, event }) => [name, jsonSchemaOf(event, 'draft-2020-12')])),
});
