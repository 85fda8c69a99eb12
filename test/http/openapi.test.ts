import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { photoAvatarRequest } from '../../lambda/domain/request/contract.ts';
import { openApiDocument } from '../../lambda/http/openapi.ts';
import { PROBLEMS } from '../../lambda/http/problem.ts';
import { OWN_RECORD_ROUTES, ROLES, ROLES_OF, ROUTES } from '../../lambda/shared/routes.ts';

const document = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.object({
    schemas: z.record(
      z.string(),
      z.looseObject({
        required: z.array(z.string()).optional(),
        properties: z.record(z.string(), z.looseObject({ enum: z.array(z.string()).optional() })).optional(),
        additionalProperties: z.unknown().optional(),
      }),
    ),
  }),
});
const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
const published = document.parse(JSON.parse(text));

describe('docs/openapi.json', () => {
  it('matches the document generated from the code (to update it: npm run openapi)', () => {
    expect(text, 'docs/openapi.json is not up to date: npm run openapi').toBe(
      `${JSON.stringify(openApiDocument(), null, 2)}\n`,
    );
  });

  it('describes exactly the routes that exist', () => {
    const described = Object.entries(published.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...ROUTES].sort());
  });

  it('names the roles of each route, and where a submitter is refused the record of another caller', () => {
    const { paths } = JSON.parse(text);
    const operation = (route: string) => {
      const [method = '', path = ''] = route.split(' ');
      return paths[path][method.toLowerCase()];
    };
    for (const route of ROUTES) {
      for (const role of ROLES) {
        expect(operation(route).description.includes(role), route).toBe(ROLES_OF[route].includes(role));
      }
    }
    const refusing = ROUTES.filter((route) => JSON.stringify(operation(route)).includes(':other-caller:'));
    expect(refusing).toEqual(Object.keys(OWN_RECORD_ROUTES));
  });

  it('describes the JoggAI request: nine fields, five of them required, and no others', () => {
    const request = published.components.schemas.PhotoAvatarRequest;
    expect(Object.keys(request?.properties ?? {})).toEqual(Object.keys(photoAvatarRequest.shape));
    expect(request?.required).toEqual(['age', 'avatar_style', 'gender', 'model', 'aspect_ratio']);
    expect(request?.additionalProperties).toBe(false);
    expect(request?.properties?.age?.enum).toEqual(['Teenager', 'Young adult', 'Adult', 'Elderly']);
  });

  it('contains every schema that it refers to', () => {
    const names = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(published.components.schemas, name).toHaveProperty(name);
  });

  it('names every problem except those of unknown routes and methods', () => {
    const unnamed = Object.keys(PROBLEMS).filter(
      (name) => !text.includes(`urn:photo-avatars:problem:${name}:`),
    );
    expect(unnamed).toEqual(['route-not-found', 'method-not-allowed']);
  });
});
