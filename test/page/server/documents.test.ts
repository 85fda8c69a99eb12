import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAssets } from '../../../page/server/assets.ts';
import {
  problemIn,
  startTestPage,
  startUpstream,
  type TestPage,
  type Upstream,
} from '../../support/page-world.ts';

let upstream: Upstream;
let page: TestPage;
beforeAll(async () => {
  upstream = await startUpstream();
  page = await startTestPage({
    api: { url: upstream.url },
    monitor: {
      alarms: async () => {
        throw new RangeError('a secret');
      },
      lastHour: async () => ({}) as never,
    },
  });
});
afterAll(async () => {
  await page.close();
  await upstream.close();
});

/** An answer of every kind: pages, data, and each error of this server. */
const everyKind = async () => ({
  page: await page.send('/'),
  script: await page.send('/app.js'),
  head: await page.send('/', { method: 'HEAD' }),
  preview: await page.send('/preview?url=https://pictures.example/a.png'),
  data: await page.sendOwn('/console/session'),
  api: await page.sendOwn('/console/api/account'),
  400: await page.send('/preview?url=x'),
  401: await page.send('/console/session'),
  403: await page.send('/', { headers: { host: 'evil.example' } }),
  404: await page.send('/nothing'),
  405: await page.send('/', { method: 'POST' }),
  413: await page.sendOwn('/console/api/photo-avatars', { method: 'POST', body: 'x'.repeat(200_000) }),
  500: await page.sendOwn('/console/alarms'),
});

describe('every answer', () => {
  it('has the headers that protect the page', async () => {
    for (const [kind, { status, headers }] of Object.entries(await everyKind())) {
      if (/^\d+$/.test(kind)) expect(status).toBe(Number(kind));
      else expect(status, kind).toBe(200);
      expect(headers, kind).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': expect.stringMatching(/^default-src 'none';/),
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      if (kind === 'preview') continue;
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
          "img-src 'self' https://pictures.example; frame-src 'self'; base-uri 'none'; form-action 'none'; " +
          "frame-ancestors 'none'; require-trusted-types-for 'script'",
      );
    }
  });

  it('to a failure of the server names its kind, and repeats no message', async () => {
    const answer = (await everyKind())[500];
    expect(problemIn(answer)).toBe('page-failed');
    expect(JSON.parse(answer.text).detail).toContain('RangeError');
    expect(answer.text).not.toContain('a secret');
  });
});

describe('the files of the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/app.js', 'text/javascript; charset=utf-8'],
    ['/app.css', 'text/css; charset=utf-8'],
    ['/favicon.svg', 'image/svg+xml'],
  ])('are served with their type: %s', async (path, type) => {
    expect((await page.send(path)).headers['content-type']).toBe(type);
    expect((await page.send(`${path}?x`)).status).toBe(200);
  });

  it.each([
    ...['/../package.json', '/app.js/../../../package.json', '/%2e%2e/package.json', '/..%2fpackage.json'],
    ...['//etc/passwd', '/app.js%00', '/main.tsx', '/.git/config', '\\..\\package.json'.replace('\\', '/')],
  ])('are all that is served: %s', async (path) => {
    const answer = await page.send(path);
    expect([answer.status, problemIn(answer)]).toEqual([404, 'route-not-found']);
  });

  it('are built from the source', async () => {
    const assets = await loadAssets();
    expect([...assets.keys()].sort()).toEqual(['/', '/app.css', '/app.js', '/favicon.svg']);
    const html = Buffer.from(assets.get('/')?.content ?? []).toString();
    // The policy allows neither scripts nor styles in the document.
    expect(html).toContain('src="/app.js"');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
    expect(assets.get('/app.js')?.content.length).toBeGreaterThan(10);
  });
});

describe('the preview', () => {
  const preview = (url: string) => page.send(`/preview?url=${encodeURIComponent(url)}`);

  it('shows one image, and may load nothing else', async () => {
    const { headers, text } = await preview('https://pictures.example:8443/a.png?b=1&c=2');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = headers['content-security-policy']?.toString() ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; img-src https:\/\/pictures\.example:8443; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox$/,
    );
    expect(text.match(/<img [^>]*src="([^"]*)"/)?.[1]).toBe(
      'https://pictures.example:8443/a.png?b=1&#38;c=2',
    );
    expect(text.match(/<\w+/g)).toEqual(['<html', '<title', '<style', '<img']);
  });

  it.each([
    'https://pictures.example/"><script>alert(1)</script>',
    "https://pictures.example/' onerror='alert(1)",
    'https://pictures.example/?"onerror="alert(1)&<b>',
    'https://pictures.example/#"><img src=x onerror=alert(1)>',
    'https://pictures.example/`<!--',
  ])('renders markup in an address as text: %s', async (url) => {
    const { status, text } = await preview(url);
    expect(status).toBe(200);
    expect(text.match(/<[!\w]+/g)).toEqual(['<!doctype', '<html', '<title', '<style', '<img']);
    const source = /^<img alt="Reference image" src="([^"<>'`]*)">$/.exec(text.slice(text.indexOf('<img')));
    expect(source).not.toBeNull();
  });

  it.each([
    ...['javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'data:image/svg+xml,<svg/>'],
    ...['http://pictures.example/a.png', 'http://10.0.0.1/a.png', 'http://127.0.0.1.evil.example/a.png'],
    ...[
      'blob:https://pictures.example/1',
      'file:///etc/passwd',
      'ftp://pictures.example/a',
      '/a.png',
      '',
      'x',
    ],
    ...[
      'https://user:secret@pictures.example/a.png',
      'https://a;script-src/x',
      "https://a'b/x",
      'https://a,b/x',
    ],
  ])('refuses %s', async (url) => {
    const answer = await preview(url);
    expect([answer.status, problemIn(answer)]).toEqual([400, 'invalid-parameter']);
  });

  it('refuses a request without an address', async () => {
    expect((await page.send('/preview')).status).toBe(400);
  });

  it.each(['http://127.0.0.1:9000/a.png', 'http://localhost/a.png'])(
    'shows an image of this machine without TLS: %s',
    async (url) => {
      const { headers } = await preview(url);
      expect(headers['content-security-policy']).toContain(`img-src ${new URL(url).origin};`);
    },
  );
});
