import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveApiReference } from '../../local/api-reference.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import type { RunningServer } from '../../local/server.ts';
import { html } from '../../packaging/reference/html.ts';
import { referencePage } from '../../packaging/reference/page.ts';
import { API_DOCUMENT, API_DOCUMENT_TEXT, OPERATIONS } from '../support/api-document.ts';

const page = referencePage(JSON.parse(API_DOCUMENT_TEXT));

const allMatches = (pattern: RegExp): string[] => [...page.matchAll(pattern)].map(([, found]) => found ?? '');

describe('the reference of the HTTP API', () => {
  it('has an anchor and a link for each operation and each schema', () => {
    const ids = allMatches(/ id="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const names = Object.keys(API_DOCUMENT.components.schemas).map((name) => `schema-${name}`);
    const operations = [...OPERATIONS.values()].map(({ operationId }) => operationId);
    expect(ids).toEqual(expect.arrayContaining([...operations, ...names]));
    const links = allMatches(/ href="([^"]*)"/g);
    expect(links.filter((link) => !ids.includes(link.replace(/^#/, '')))).toEqual([]);
    expect(links).toEqual(expect.arrayContaining([...operations, ...names].map((id) => `#${id}`)));
  });

  it('has every parameter, status, field and example', () => {
    for (const { parameters, responses } of OPERATIONS.values()) {
      for (const { name } of parameters) expect(page).toContain(`<code>${name}</code>`);
      for (const status of Object.keys(responses)) expect(page).toContain(`<th scope="row">${status}</th>`);
      for (const { content } of Object.values(responses)) {
        for (const media of Object.values(content)) {
          for (const name of Object.keys(media.examples))
            expect(page).toContain(`Example <code>${name}</code>`);
        }
      }
    }
    for (const { properties = {} } of Object.values(API_DOCUMENT.components.schemas)) {
      for (const name of Object.keys(properties)) expect(page).toContain(`<code>${name}</code>`);
    }
  });

  it('needs no script and nothing from elsewhere', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|form)\b|\bon\w+=|@import|url\(/i);
    expect(page).not.toMatch(/ (src|href)="(?!#)/);
    expect(page).not.toContain(' style=');
  });

  it('is readable in both colour schemes: every text has a contrast of at least 4.5', () => {
    const style = readFileSync(new URL('../../packaging/reference/style.css', import.meta.url), 'utf8');
    const schemes = [...style.matchAll(/:root \{([^}]+)\}/g)].map(
      ([, block = '']) =>
        new Map([...block.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, color]) => [name, color])),
    );
    expect(schemes).toHaveLength(2);
    // Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    const luminance = (color: string): number => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    for (const scheme of schemes) {
      for (const back of ['back', 'raised']) {
        for (const front of ['text', 'quiet', 'link']) {
          const [dark = 0, light = 0] = [scheme.get(back), scheme.get(front)]
            .map((color) => luminance(color ?? ''))
            .toSorted((one, other) => one - other);
          expect((light + 0.05) / (dark + 0.05), `${front} on ${back}`).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });

  it('escapes what the document says', () => {
    expect(html`<p>${'<b>"&'}</p>`.html).toBe('<p>&#60;b&#62;&#34;&#38;</p>');
    const hostile = JSON.parse(API_DOCUMENT_TEXT);
    hostile.info.title = '<script>alert(1)</script>';
    hostile.info.description = '`<img src=x>` **<b>**';
    expect(referencePage(hostile)).not.toMatch(/<script|<img|<b>/);
  });
});

describe('GET /docs of the local service', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startHttpApi({
      routes: ['$default'],
      invoke: async () => ({ statusCode: 404, body: 'The API answered.' }),
      front: serveApiReference,
    });
  });
  afterAll(() => server.close());

  it('answers with the reference, and lets a browser load nothing else', async () => {
    const response = await fetch(`${server.url}/docs`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(await response.text()).toBe(page);
  });

  it.each([
    ['POST', '/docs'],
    ['GET', '/docs/'],
    ['GET', '/docs/..%2f..%2fpackage.json'],
    ['GET', '/'],
  ])('leaves %s %s to the API', async (method, path) => {
    const response = await fetch(`${server.url}${path}`, { method });
    expect([response.status, await response.text()]).toEqual([404, 'The API answered.']);
  });
});
