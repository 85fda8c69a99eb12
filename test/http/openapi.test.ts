import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { photoAvatarRequest } from '../../lambda/domain/contract.ts';
import { openApiDocument } from '../../lambda/http/openapi.ts';
import { PROBLEMS } from '../../lambda/http/problem.ts';
import { ROUTES } from '../../local/service.ts';

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
const written = document.parse(JSON.parse(text));

describe('docs/openapi.json', () => {
  it('is what the code makes (if not: npm run openapi)', () => {
    expect(text, 'docs/openapi.json is not up to date: npm run openapi').toBe(
      `${JSON.stringify(openApiDocument(), null, 2)}\n`,
    );
  });

  it('describes every route, and none that does not exist', () => {
    const described = Object.entries(written.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(ROUTES.filter((route) => route !== '$default').sort());
  });

  it('has the request as JoggAI takes it: nine fields, five of them required, and no others', () => {
    const request = written.components.schemas.PhotoAvatarRequest;
    expect(Object.keys(request?.properties ?? {})).toEqual(Object.keys(photoAvatarRequest.shape));
    expect(request?.required).toEqual(['age', 'avatar_style', 'gender', 'model', 'aspect_ratio']);
    expect(request?.additionalProperties).toBe(false);
    expect(request?.properties?.age?.enum).toEqual(['Teenager', 'Young adult', 'Adult', 'Elderly']);
  });

  it('refers to nothing that it does not hold', () => {
    const names = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(written.components.schemas, name).toHaveProperty(name);
  });

  it('names every problem that a caller may meet, except that of a route it does not have', () => {
    const unnamed = Object.keys(PROBLEMS).filter(
      (name) => !text.includes(`urn:photo-avatars:problem:${name}:`),
    );
    expect(unnamed).toEqual(['route-not-found', 'method-not-allowed']);
  });
});
