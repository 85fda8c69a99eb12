import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every source file, and the source files that it imports: paths in the repository. */
const IMPORTS = new Map(
  globSync('{bench,bin,cli,client,events,lambda,lib,local,model,packaging,page,test}/**/*.{ts,tsx}', {
    cwd: root,
  }).map((file) => [
    file,
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+\.tsx?)'/g)].map(
      ([, path = '']) => relative(root, join(root, dirname(file), path)),
    ),
  ]),
);

/** The imports of all files under `from` that go to a file under one of `to`. */
const importsBetween = (from: string, ...to: readonly string[]): string[] =>
  [...IMPORTS]
    .filter(([file]) => file.startsWith(from))
    .flatMap(([file, imported]) =>
      imported
        .filter((path) => to.some((folder) => path.startsWith(folder)) && !path.startsWith(from))
        .map((path) => `${file} → ${path}`),
    );

/** The imports of all files under `from` that leave the folders of `allowed`. */
const importsBeyond = (from: string, ...allowed: readonly string[]): string[] =>
  [...IMPORTS]
    .filter(([file]) => file.startsWith(from))
    .flatMap(([file, imported]) =>
      imported
        .filter((path) => ![from, ...allowed].some((folder) => path.startsWith(folder)))
        .map((path) => `${file} → ${path}`),
    );

const circles = (): string[][] => {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const next of IMPORTS.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of IMPORTS.keys()) visit(file, []);
  return found;
};

describe('the imports', () => {
  it('are found by this test', () => {
    expect(IMPORTS.get('lambda/api.ts')).toContain('lambda/http/http-api.ts');
    expect(importsBetween('lambda/http/', 'lambda/domain/').length).toBeGreaterThan(0);
  });

  it('have no circle', () => {
    expect(circles()).toEqual([]);
  });

  it('of the domain stay in the domain and in lambda/shared', () => {
    expect(importsBeyond('lambda/domain/', 'lambda/shared/')).toEqual([]);
  });

  it('of lambda/shared stay there', () => {
    expect(importsBeyond('lambda/shared/')).toEqual([]);
  });

  it('of the views lead to the domain and lambda/shared only', () => {
    expect(importsBeyond('lambda/views/', 'lambda/domain/', 'lambda/shared/')).toEqual([]);
  });

  it.each(['lambda/http/', 'lambda/invoke/', 'lambda/intake/'])(
    'of the entrance %s lead to no other entrance and to no adapter',
    (entrance) => {
      expect(importsBeyond(entrance, 'lambda/domain/', 'lambda/views/', 'lambda/shared/')).toEqual([]);
    },
  );

  it('of the adapters lead to no entrance and to no view', () => {
    expect(importsBeyond('lambda/adapters/', 'lambda/domain/', 'lambda/shared/')).toEqual([]);
  });

  it.each(['joggai', 'images', 'aws'])('of adapters/%s lead to no other room of the adapters', (room) => {
    const rooms = ['joggai', 'images', 'aws'].filter((other) => other !== room);
    expect(
      importsBetween(`lambda/adapters/${room}/`, ...rooms.map((other) => `lambda/adapters/${other}/`)),
    ).toEqual([]);
  });

  it('of lib lead to one folder of lambda, and to the events', () => {
    expect(importsBeyond('lib/', 'lambda/shared/', 'events/')).toEqual([]);
  });

  it('of the events lead to the request and lambda/shared', () => {
    expect(importsBeyond('events/', 'lambda/domain/request/', 'lambda/shared/')).toEqual([]);
  });

  it('of lambda lead to nothing outside of it', () => {
    expect(importsBeyond('lambda/', 'docs/openapi.json')).toEqual([]);
  });

  it("of the page's server lead to the client, lambda/shared and what it has agreed on with the page", () => {
    expect(importsBeyond('page/server/', 'page/contract.ts', 'client/', 'lambda/shared/')).toEqual([]);
    expect(importsBetween('page/app/', 'page/server/')).toEqual([]);
    for (const from of ['client/', 'lambda/', 'lib/', 'model/', 'bin/']) {
      expect(importsBetween(from, 'page/')).toEqual([]);
    }
  });

  it('of the page lead to the client, lambda/shared and what it has agreed on with its server', () => {
    expect(importsBeyond('page/app/', 'page/contract.ts', 'client/', 'lambda/shared/')).toEqual([]);
  });

  it('of the command line lead to the client, the page, the domain and lambda/shared, and nothing leads to it', () => {
    expect(
      importsBeyond(
        'cli/',
        'client/',
        'page/server/',
        'page/contract.ts',
        'lambda/domain/',
        'lambda/shared/',
      ),
    ).toEqual([]);
    for (const from of ['client/', 'lambda/', 'lib/', 'local/', 'model/', 'packaging/', 'page/', 'bin/']) {
      expect(importsBetween(from, 'cli/')).toEqual([]);
    }
  });

  it('of the client lead to types of the API, and to code of lambda/shared only', () => {
    expect(
      importsBeyond('client/', 'lambda/views/', 'lambda/domain/', 'lambda/http/', 'lambda/shared/'),
    ).toEqual([]);
    const values = globSync('client/**/*.ts', { cwd: root }).flatMap((file) => [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /^(?:import|export) (?!type )[^;]*'[^']*\/lambda\/(?!shared\/)[^']*';/gm,
      ),
    ]);
    expect(values.map(([text]) => text)).toEqual([]);
  });

  it('of bench and test do not cross, and neither is imported by what is shipped or shared', () => {
    expect(importsBetween('bench/', 'test/')).toEqual([]);
    expect(importsBetween('test/', 'bench/')).toEqual([]);
    for (const from of [
      'cli/',
      'client/',
      'lambda/',
      'lib/',
      'local/',
      'model/',
      'packaging/',
      'page/',
      'bin/',
    ]) {
      expect(importsBetween(from, 'test/', 'bench/')).toEqual([]);
    }
  });
});
