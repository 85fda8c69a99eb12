import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));

/** Every page that people read. */
const PAGES = globSync('{*,docs/**/*,examples/**/*,.github/**/*}.md', {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
});

const GUIDES = PAGES.filter((page) => !page.startsWith('examples'));

const allMatches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? '');

/** What fences hold is an example, not a link. */
const prose = (page: string): string => read(page).replace(/^```.*?^```/gms, '');

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (page: string): string[] => allMatches(prose(page), /^#+ (.+)$/gm).map(anchorOf);

describe('the documentation', () => {
  it('is found by this test', () => {
    expect(PAGES).toEqual(
      expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/operations.md']),
    );
  });

  it('and the checks name no command of npm that does not exist', () => {
    const places = [...GUIDES, '.ci/run', ...globSync('.github/workflows/*', { cwd: root })];
    const named = places.flatMap((place) => [
      ...allMatches(read(place), /\bnpm run ([\w:-]+)/g),
      ...allMatches(read(place), /\bnpm (test|start)\b/g),
    ]);
    expect(named).toEqual(expect.arrayContaining(['test', 'start', 'demo']));
    // The example's own.
    const known = new Set([...Object.keys(scripts), 'synth']);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(PAGES)('has no link into the void: %s', (page) => {
    const links = allMatches(prose(page), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsIn(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
