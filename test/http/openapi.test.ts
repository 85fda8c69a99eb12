import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { photoAvatarRequest } from '../../lambda/domain/request/contract.ts';
import { openApiDocument } from '../../lambda/http/openapi/document.ts';
import { PROBLEMS } from '../../lambda/http/problem.ts';
import { OWN_RECORD_ROUTES, ROLES, ROLES_OF, ROUTES } from '../../lambda/shared/routes.ts';
import type { Operation } from '../../packaging/reference/document.ts';
import { API_DOCUMENT, API_DOCUMENT_TEXT, OPERATIONS } from '../support/api-document.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

const operationOf = (route: string): Operation => {
  const operation = OPERATIONS.get(route);
  if (!operation) throw new Error(`The document has no ${route}.`);
  return operation;
};

/** The problems that an operation may answer with. */
const problemsOf = (route: string): string[] =>
  Object.values(operationOf(route).responses).flatMap(({ content }) =>
    Object.keys(content['application/problem+json']?.examples ?? {}),
  );

describe('docs/openapi.json', () => {
  it('matches the document generated from the code (to update it: npm run openapi)', () => {
    expect(API_DOCUMENT_TEXT, 'docs/openapi.json is not up to date: npm run openapi').toBe(
      `${JSON.stringify(openApiDocument(version), null, 2)}\n`,
    );
  });

  it('has the version of the package', () => {
    expect(API_DOCUMENT.info.version).toBe(version);
  });

  it('describes exactly the routes that exist', () => {
    expect([...OPERATIONS.keys()].toSorted()).toEqual([...ROUTES].toSorted());
  });

  it.each(ROUTES)('lets in a signature, or a token with the scope of one role of %s', (route) => {
    const { description, security } = operationOf(route);
    expect(security).toEqual([{ signature: [] }, ...ROLES_OF[route].map((role) => ({ token: [role] }))]);
    for (const role of ROLES) {
      expect(description.includes(role), role).toBe(ROLES_OF[route].includes(role));
    }
  });

  it('names the routes on which a submitter is refused the record of another caller', () => {
    const refusing = ROUTES.filter((route) => problemsOf(route).includes('other-caller'));
    expect(refusing).toEqual(Object.keys(OWN_RECORD_ROUTES));
  });

  it.each(ROUTES)('has the refusals of API Gateway for %s', (route) => {
    const { responses } = operationOf(route);
    for (const status of [401, 403, 429, 500, 503]) {
      expect(responses[status]?.content['application/json']?.schema, String(status)).toEqual({
        $ref: '#/components/schemas/GatewayMessage',
      });
    }
  });

  it('has every problem at its status, except those of unknown routes and methods', () => {
    for (const route of ROUTES) {
      for (const [status, { content }] of Object.entries(operationOf(route).responses)) {
        for (const [name, { value }] of Object.entries(content['application/problem+json']?.examples ?? {})) {
          const expected = { type: `urn:photo-avatars:problem:${name}`, status: Number(status) };
          expect(value, `${route} ${name}`).toMatchObject(expected);
        }
      }
    }
    const named = new Set(ROUTES.flatMap(problemsOf));
    expect(Object.keys(PROBLEMS).filter((name) => !named.has(name))).toEqual([
      'route-not-found',
      'method-not-allowed',
    ]);
  });

  it('describes the JoggAI request: nine fields, five of them required, and no others', () => {
    const request = z
      .object({
        properties: z.record(z.string(), z.looseObject({ enum: z.array(z.string()).optional() })),
        required: z.array(z.string()),
        additionalProperties: z.boolean(),
      })
      .parse(API_DOCUMENT.components.schemas.PhotoAvatarRequest);
    expect(Object.keys(request.properties)).toEqual(Object.keys(photoAvatarRequest.shape));
    expect(request.required).toEqual(['age', 'avatar_style', 'gender', 'model', 'aspect_ratio']);
    expect(request.additionalProperties).toBe(false);
    expect(request.properties.age?.enum).toEqual(['Teenager', 'Young adult', 'Adult', 'Elderly']);
  });
});
