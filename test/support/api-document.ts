import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod';

const reference = z.object({ $ref: z.string() });
const schema = z.record(z.string(), z.unknown());

const example = z.object({ summary: z.string(), value: z.unknown() });
const mediaType = z.object({
  schema,
  example: z.unknown().optional(),
  examples: z.record(z.string(), example).default({}),
});
const content = z.record(z.string(), mediaType);

const response = z.object({
  description: z.string(),
  headers: z.record(z.string(), z.object({ schema })).default({}),
  content,
});

const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  schema,
  example: z.unknown(),
});

const operation = z.object({
  operationId: z.string(),
  tags: z.tuple([z.string()]),
  summary: z.string(),
  description: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string(), response),
});

export type Operation = z.infer<typeof operation>;

const documentSchema = z.object({
  openapi: z.string(),
  info: z.object({ version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), schema) }),
});

export const API_DOCUMENT_TEXT = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

const raw: unknown = JSON.parse(API_DOCUMENT_TEXT);

const valueAt = (pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce((value, key) => Object(value)[key.replaceAll('~1', '/')], raw);

/** Replaces references, except those to schemas, which a validator resolves. */
const resolved = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { data } = reference.safeParse(value);
  if (data && !data.$ref.startsWith('#/components/schemas/')) return resolved(valueAt(data.$ref));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolved(part)]));
};

/** docs/openapi.json. */
export const API_DOCUMENT = documentSchema.parse(resolved(raw));

/** Every operation with its route, such as `POST /photo-avatars`. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries(API_DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => [`${method.toUpperCase()} ${path}`, each] as const),
  ),
);

// `format` says nothing about validity in JSON Schema 2020-12. Those of responses are asserted here; `uri` is the format of
// `image_url` too, whose pattern decides.
const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { uri: true } });
addFormats.default(ajv, ['date-time', 'uuid', 'uri-reference']);
ajv.addSchema({ $id: 'api', components: API_DOCUMENT.components });

const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** What is wrong with a value, by a schema of the document. Empty: it is valid. */
export const schemaErrors = (of: Readonly<Record<string, unknown>>, value: unknown): string[] => {
  const text = JSON.stringify(of).replaceAll('"#/', '"api#/');
  const validate = validators.get(text) ?? ajv.compile(JSON.parse(text));
  validators.set(text, validate);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'the body'} ${message}`);
};

const operationFor = (method: string, target: string): Operation | undefined => {
  const [path = ''] = target.split('?');
  const matches = [...OPERATIONS].filter(([route]) => {
    const [routeMethod, template = ''] = route.split(' ');
    return routeMethod === method && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
  });
  return matches[0]?.[1];
};

/** Headers that every HTTP response may have. */
const COMMON_HEADERS = [
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
];

/**
 * How an answer differs from what the document says of it: status, media type, body and headers. Empty: not at all, or the
 * document has no such operation.
 *
 * @param target path and query
 */
export const contradictions = (
  method: string,
  target: string,
  { status, headers, body }: { readonly status: number; readonly headers: Headers; readonly body: unknown },
): string[] => {
  const described = operationFor(method, target);
  if (!described) return [];
  const answer = described.responses[status];
  if (!answer) return [`the status ${status} is not documented`];
  const type = headers.get('content-type') ?? '';
  const media = answer.content[type];
  if (!media) return [`the media type ${type} is not documented for ${status}`];
  const known = new Map(
    Object.entries(answer.headers).map(([name, each]) => [name.toLowerCase(), each.schema]),
  );
  return [
    ...schemaErrors(media.schema, body),
    ...[...headers].flatMap(([name, value]) => {
      if (COMMON_HEADERS.includes(name)) return [];
      const of = known.get(name);
      if (!of) return [`the header ${name} is not documented for ${status}`];
      return schemaErrors(of, of.type === 'integer' ? Number(value) : value).map(
        (error) => `${name}: ${error}`,
      );
    }),
  ];
};
