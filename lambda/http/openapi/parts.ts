import * as z from 'zod';
import { photoAvatarRequest } from '../../domain/request/contract.ts';
import { accountView, dryRun, problem, recordList, recordView } from '../../views/schemas.ts';
import { accountPatch } from '../account-patch.ts';
import { MAX_BODY_BYTES } from '../read-event.ts';
import { resolutionRequest } from '../resolution-request.ts';
import type { REQUEST_EXAMPLES, RESPONSE_EXAMPLES } from './examples.ts';

/** The body of API Gateway's own responses. */
export const gatewayMessage = z.object({ message: z.string() }).meta({
  id: 'GatewayMessage',
  description: 'A response of API Gateway itself. Nothing was charged by it.',
});

/** The body of a request to a route that takes none. */
export const nothing = z
  .strictObject({})
  .meta({ id: 'Nothing', description: 'No body, or an object without fields.' });

/** The body of `GET /openapi.json`. */
export const apiDescription = z
  .object({ openapi: z.string(), info: z.looseObject({ title: z.string() }) })
  .meta({ id: 'ApiDescription', description: 'An OpenAPI document.' });

const SCHEMAS = {
  photoAvatarRequest,
  recordView,
  recordList,
  problem,
  accountView,
  accountPatch,
  dryRun,
  resolutionRequest,
  gatewayMessage,
  nothing,
  apiDescription,
};

const SCHEMA_PATH = '#/components/schemas/';

const idOf = (schema: z.core.$ZodType): string => {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new Error('Every schema of the API document needs an id.');
  return id;
};

/** The JSON Schema of every named zod schema, referring to each other. */
export const schemas = (): Record<string, unknown> => {
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

export const exampleReferences = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]));

type RequestExample = keyof typeof REQUEST_EXAMPLES;
type ResponseExample = keyof typeof RESPONSE_EXAMPLES;

export const requestBody = (schema: z.core.$ZodType, examples: readonly RequestExample[]) => ({
  required: schema !== nothing,
  description:
    schema === nothing
      ? 'None.'
      : `JSON in UTF-8, at most ${MAX_BODY_BYTES.toLocaleString('en')} bytes, with each field once. Every valid request fits.`,
  content: { 'application/json': { schema: reference(schema), examples: exampleReferences(examples) } },
});

/** Headers of responses. */
export const HEADERS = {
  'apigw-requestid': {
    description: "API Gateway's id of the request, which its access log has.",
    schema: { type: 'string' },
  },
  'X-Correlation-Id': {
    description: 'The id by which the logs find this request.',
    schema: { type: 'string' },
  },
  Location: {
    description: 'The path of the record.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 1 },
  },
  'Idempotency-Replayed': {
    description: 'The response has the record of an earlier request with this Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
} as const;

export type Header = keyof typeof HEADERS;

export const headerReference = (name: Header) => ({ $ref: `#/components/headers/${name}` });

/** A header of every response, those of API Gateway itself included. */
export const REQUEST_ID = { 'apigw-requestid': headerReference('apigw-requestid') };

/** Headers of every response of the function. */
export const IDS = { ...REQUEST_ID, 'X-Correlation-Id': headerReference('X-Correlation-Id') };

/** What an operation on one record can go on with. */
export const LINKS = Object.fromEntries(
  [
    'getPhotoAvatar',
    'getPhotoAvatarOfAnyCaller',
    'erasePhotoAvatar',
    'cancelPhotoAvatar',
    'cancelPhotoAvatarOfAnyCaller',
    'resolvePhotoAvatar',
    'refreshPhotoAvatar',
  ].map((operationId) => [operationId, { operationId, parameters: { id: '$response.body#/id' } }]),
);

export interface AnswerParts {
  /** Schemas, of which the body has one. */
  readonly schema: z.core.$ZodType | readonly z.core.$ZodType[];
  readonly examples: readonly ResponseExample[];
  readonly headers?: readonly Header[];
  readonly links?: object;
}

/** A response of the function with a body. */
export const answer = (description: string, { schema, examples, headers = [], links }: AnswerParts) => ({
  description,
  headers: { ...IDS, ...Object.fromEntries(headers.map((name) => [name, headerReference(name)])) },
  content: {
    'application/json': {
      schema: Array.isArray(schema) ? { oneOf: schema.map(reference) } : reference(schema as z.core.$ZodType),
      examples: exampleReferences(examples),
    },
  },
  ...(links && { links }),
});

/** Links from a response with a new record to everything that can be done with it. */
export const RECORD_LINKS = Object.fromEntries(
  Object.keys(LINKS).map((name) => [name, { $ref: `#/components/links/${name}` }]),
);

export interface Parameter {
  readonly in: 'query' | 'header' | 'path';
  readonly name: string;
  readonly description: string;
  readonly schema: object;
  readonly example: string | number | boolean;
}

export const parameter = (parts: Parameter) => ({ ...parts, required: parts.in === 'path' });

export const ID_PARAMETER = parameter({
  in: 'path',
  name: 'id',
  description: 'The id of the record.',
  schema: { type: 'string', format: 'uuid' },
  example: '43de21ae-ff23-8f46-99e6-398680338df2',
});

export const BODY_PROBLEMS = [
  'invalid-json',
  'unsupported-media-type',
  'body-too-large',
  'invalid-request',
] as const;
