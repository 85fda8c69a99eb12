import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Operation, readDocument, routesOf, type Schema } from '../../packaging/reference/document.ts';

export const API_DOCUMENT_TEXT = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

/** docs/openapi.json. */
export const API_DOCUMENT = readDocument(JSON.parse(API_DOCUMENT_TEXT));

/** Every operation by its route, such as `POST /photo-avatars`. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  routesOf(API_DOCUMENT).map(({ method, path, operation }) => [`${method} ${path}`, operation]),
);

// `format` says nothing about validity in JSON Schema 2020-12. Those of responses are asserted here; `uri` is the format of
// `image_url` too, whose pattern decides.
const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { uri: true } });
addFormats.default(ajv, ['date-time', 'uuid', 'uri-reference']);
ajv.addSchema({ $id: 'api', components: { schemas: API_DOCUMENT.components.schemas } });

const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** What is wrong with a value, by a schema of the document. Empty: it is valid. */
export const schemaErrors = (of: Schema, value: unknown): string[] => {
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
