import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { breakingChanges, mayBreak } from '../support/breaking-changes.ts';
import { runRedocly } from '../support/redocly.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const CURRENT = inRoot('docs/openapi.json');
const RELEASED = inRoot('docs/released/openapi.json');

const scratch = mkdtempSync(join(tmpdir(), 'openapi-release-'));
afterAll(() => rmSync(scratch, { recursive: true }));

// The documents are changed by hand here, so their types say nothing.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any;

const read = (path: string): Json => JSON.parse(readFileSync(path, 'utf8'));

/** The path of a changed copy of the current document. */
const changed = (name: string, change: (document: Json) => void): string => {
  const document = read(CURRENT);
  change(document);
  const path = join(scratch, `${name}.json`);
  writeFileSync(path, JSON.stringify(document));
  return path;
};

const lint = z.object({ problems: z.array(z.object({ ruleId: z.string() })) });

describe('docs/openapi.json', () => {
  it('has no error and no warning by the rules of redocly.yaml', async () => {
    const { stdout, stderr } = await runRedocly('lint', '--format', 'json', CURRENT);
    expect(lint.parse(JSON.parse(stdout)).problems, stderr).toEqual([]);
  });

  it('would have some without servers, security and the licence', async () => {
    const path = changed('unlinted', (document) => {
      delete document.servers;
      delete document.info.license;
      delete document.paths['/account'].get.security;
    });
    const { stdout } = await runRedocly('lint', '--format', 'json', path);
    const rules = lint.parse(JSON.parse(stdout)).problems.map(({ ruleId }) => ruleId);
    expect(rules.toSorted()).toEqual(['info-license', 'no-empty-servers', 'security-defined']);
  });

  it('breaks no client of the last release, unless the version says so', async () => {
    const [before, now] = [RELEASED, CURRENT].map((path) => read(path).info.version);
    const breaks = await breakingChanges(RELEASED, CURRENT);
    expect(mayBreak(before, now) ? [] : breaks, `since ${before}; a break needs another version`).toEqual([]);
  });
});

describe('a breaking change', () => {
  const breaks: Record<string, (document: Json) => void> = {
    'operation-removed': ({ paths }) => delete paths['/account'].patch,
    'path-removed': ({ paths }) => delete paths['/photo-avatars/{id}/refresh'],
    'operation-id-changed': ({ paths }) => {
      paths['/account'].get.operationId = 'readAccount';
    },
    'parameter-removed': ({ paths }) => paths['/photo-avatars'].get.parameters.shift(),
    'parameter-became-required': ({ paths }) => {
      paths['/photo-avatars'].get.parameters.find(({ name }: Json) => name === 'limit').required = true;
    },
    'request-body-became-required': ({ paths }) => {
      paths['/photo-avatars/{id}/cancellation'].post.requestBody.required = true;
    },
    'request-body-added': ({ paths }) => {
      const { requestBody } = paths['/photo-avatars/{id}/resolution'].post;
      paths['/photo-avatars/{id}'].delete.requestBody = requestBody;
    },
    'response-removed': ({ paths }) => delete paths['/photo-avatars'].post.responses[202],
    'response-header-removed': ({ paths }) =>
      delete paths['/photo-avatars'].post.responses[201].headers.Location,
    'media-type-removed': ({ paths }) => {
      const { content } = paths['/openapi.json'].get.responses[200];
      content['application/yaml'] = content['application/json'];
      delete content['application/json'];
    },
    'security-requirement-changed': ({ paths }) => paths['/photo-avatars'].post.security.shift(),
    'property-removed': ({ components }) => delete components.schemas.PhotoAvatar.properties.photo_id,
    'required-properties-added': ({ components }) =>
      components.schemas.PhotoAvatarRequest.required.push('ethnicity'),
    'required-properties-removed': ({ components }) => components.schemas.Account.required.shift(),
    'enum-values-removed': ({ components }) =>
      components.schemas.PhotoAvatarRequest.properties.age.enum.pop(),
    'enum-values-added': ({ components }) => components.schemas.Account.properties.state.enum.push('closed'),
    'schema-type-changed': ({ components }) => {
      components.schemas.Account.properties.calls_today.type = 'string';
    },
    'schema-constraint-changed': ({ components }) => {
      components.schemas.PhotoAvatarRequest.properties.background.maxLength = 100;
    },
    'problem-removed': ({ paths, components }) => {
      const { $ref } = paths['/photo-avatars/{id}/resolution'].post.responses[409];
      const { content } = components.responses[$ref.split('/').at(-1)];
      delete content['application/problem+json'].examples['outdated-version'];
    },
  };

  it('is found, whatever its kind', async () => {
    const path = changed('broken', (document) => {
      for (const change of Object.values(breaks)) change(document);
    });
    const rules = (await breakingChanges(CURRENT, path)).map((text) => /\(([\w-]+)\)$/.exec(text)?.[1]);
    expect([...new Set(rules)].toSorted()).toEqual(Object.keys(breaks).toSorted());
  });

  it('is not a new operation, parameter, field, header, status or problem, or another text', async () => {
    const path = changed('grown', ({ info, paths, components }) => {
      info.description = 'Another text.';
      paths['/health'] = { get: { ...paths['/account'].get, operationId: 'getHealth' } };
      const { parameters, responses } = paths['/photo-avatars'].get;
      parameters.push({ name: 'source', in: 'query', required: false, schema: { type: 'string' } });
      responses[410] = responses[400];
      responses[200].headers.Link = { schema: { type: 'string' } };
      components.schemas.AccountPatch.properties.note = { type: 'string' };
      components.schemas.PhotoAvatar.properties.further = { type: 'array', items: { type: 'string' } };
      components.schemas.PhotoAvatar.required.push('further');
      components.examples.minimal.value.age = 'Elderly';
    });
    expect(await breakingChanges(CURRENT, path)).toEqual([]);
  });

  it.each([
    ['0.1.0', '0.1.0', false],
    ['0.1.0', '0.1.9', false],
    ['0.1.0', '0.2.0', true],
    ['0.10.0', '0.9.0', false],
    ['0.9.0', '1.0.0', true],
    ['1.2.0', '1.3.0', false],
    ['1.9.9', '2.0.0', true],
    ['2.0.0', '1.9.0', false],
  ])('since %s is allowed in %s: %s', (released, current, allowed) => {
    expect(mayBreak(released, current)).toBe(allowed);
  });
});
