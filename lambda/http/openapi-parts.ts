import * as z from 'zod';
import { photoAvatarRequest } from '../domain/request/contract.ts';
import { accountView, dryRun, problem, recordList, recordView } from '../views/schemas.ts';
import { accountPatch } from './account-patch.ts';
import { PROBLEMS, type ProblemName, problemType } from './problem.ts';
import { MAX_BODY_BYTES } from './read-event.ts';
import { resolutionRequest } from './resolution-request.ts';

const SCHEMAS = {
  photoAvatarRequest,
  recordView,
  recordList,
  problem,
  accountView,
  accountPatch,
  dryRun,
  resolutionRequest,
};

const SCHEMA_PATH = '#/components/schemas/';

const idOf = (schema: z.core.$ZodType): string => {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new Error('Every schema of the API document needs an id.');
  return id;
};

/** The JSON Schema of every named zod schema, referring to each other. */
export const components = (): Record<string, unknown> => {
  const registry = z.registry<{ id: string }>();
  for (const schema of Object.values(SCHEMAS)) {
    registry.add(schema, { id: idOf(schema) });
  }
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `${SCHEMA_PATH}${id}`,
    // Remove what `type` and `format` say already.
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'integer' && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) {
        delete jsonSchema.minimum;
        delete jsonSchema.maximum;
      }
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]),
  );
};

export const reference = (schema: z.core.$ZodType) => ({ $ref: `${SCHEMA_PATH}${idOf(schema)}` });

const body = (schema: z.core.$ZodType, mediaType = 'application/json') => ({
  content: { [mediaType]: { schema: reference(schema) } },
});

export const requestBody = (schema: z.core.$ZodType) => ({
  required: true,
  description: `JSON in UTF-8, at most ${MAX_BODY_BYTES.toLocaleString('en')} bytes, with each field once. Every valid request fits.`,
  ...body(schema),
});

export const answer = (description: string, schema: z.core.$ZodType) => ({ description, ...body(schema) });

/** The problems of a route, by HTTP status, with the one that every route has. */
export const problems = (...names: readonly ProblemName[]) => {
  const byStatus = Map.groupBy([...names, 'caller-not-identified' as const], (name) => PROBLEMS[name].status);
  return Object.fromEntries(
    [...byStatus].map(([code, sharing]) => [
      code,
      {
        description: sharing.map((name) => `${problemType(name)}: ${PROBLEMS[name].title}.`).join(' '),
        ...body(problem, 'application/problem+json'),
      },
    ]),
  );
};

export const parameter = (
  where: 'query' | 'header' | 'path',
  name: string,
  description: string,
  schema: object,
) => ({
  name,
  in: where,
  required: where === 'path',
  description,
  schema,
});

export const ID_PARAMETER = parameter('path', 'id', 'The id of the record.', {
  type: 'string',
  format: 'uuid',
});

export const BODY_PROBLEMS = [
  'invalid-json',
  'unsupported-media-type',
  'body-too-large',
  'invalid-request',
] as const satisfies readonly ProblemName[];
