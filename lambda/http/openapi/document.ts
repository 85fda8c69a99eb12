import { REQUEST_EXAMPLES, RESPONSE_EXAMPLES } from './examples.ts';
import { HEADERS, LINKS, schemas } from './parts.ts';
import { PATHS, TAGS } from './paths.ts';
import { PROBLEM_EXAMPLES } from './problems.ts';
import { SECURITY_SCHEMES, withRoles } from './roles.ts';

const DESCRIPTION = `\
JoggAI photo avatars, paid at most once.

- **Authorization.** A deployment uses signatures or tokens; the service on one machine uses neither. The operations list the roles \
that may call them. Where two are listed, one is enough.
- **Repeats.** Send an \`Idempotency-Key\` with \`POST /photo-avatars\`: the same request under the same key is paid for once, and answered \
with its record. After a lost answer, repeat it with the same key.
- **Errors.** The function answers with \`application/problem+json\` (RFC 9457). \`type\` is stable, \`detail\` says whether JoggAI may have \
charged and what to do. API Gateway's own responses are \`application/json\` with a \`message\`. Those with 401, 403 and 429 were not charged; \
after a 500 or 503 repeat the request with its key.
- **Strict reading.** A query parameter that an operation does not list is answered 400, and an unknown field 422, because a misspelt \
option would be paid for without effect. A parameter is sent once.
- **Growth.** A response may get further fields, and a status further problems.`;

/** The service on one machine comes first: tools use the first one, and the others are examples. */
const SERVERS = [
  {
    url: 'http://127.0.0.1:{port}',
    description: 'The service on this machine, started by `npm start`. It needs no authorization.',
    variables: { port: { default: '3000' } },
  },
  {
    url: 'https://{api}.execute-api.{region}.amazonaws.com',
    description: 'A deployment: the output `ApiUrl`.',
    variables: {
      api: { default: 'a1b2c3d4e5', description: 'The id of the HTTP API.' },
      region: { default: 'us-east-1' },
    },
  },
  {
    url: 'https://{domain}',
    description: 'A deployment with a domain of its own: the setting `domainName`.',
    variables: { domain: { default: 'avatars.example.org' } },
  },
];

/**
 * The OpenAPI document of this service's API, made from its schemas.
 *
 * @param version of the package
 */
export const openApiDocument = (version: string) => {
  const { paths, responses } = withRoles(PATHS);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Photo avatars',
      version,
      description: DESCRIPTION,
      contact: { name: 'The photo-avatars authors' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: SERVERS,
    tags: TAGS,
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: schemas(),
      headers: HEADERS,
      links: LINKS,
      responses,
      examples: { ...REQUEST_EXAMPLES, ...RESPONSE_EXAMPLES, ...PROBLEM_EXAMPLES },
    },
  };
};
