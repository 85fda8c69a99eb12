import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPage, type Page } from '../../../page/server/page.ts';
import {
  ASSETS,
  problemIn,
  type Sent,
  sendRaw,
  startTestPage,
  startUpstream,
  type TestPage,
  type Upstream,
} from '../../support/page-world.ts';
import { AVATAR } from '../../support/requests.ts';
import { type RunningService, startRunningService } from '../../support/running-service.ts';

/** Every kind of path, also in other spellings. */
const PATHS = [
  ...['/', '/app.js', '/app.css', '/favicon.svg', '/nothing', '/index.html'],
  ...['/preview?url=https://pictures.example/a.png', '/console', '/console/nothing'],
  ...['/console/session', '/console/alarms', '/console/last-hour', '/console/simulator'],
  ...['/console/api/account', '/console/api/photo-avatars?dry_run=true', '/console/%61pi/account'],
  ...['/%63onsole/session', '//console/session', '/console//session', '/./console/session'],
  ...['/account', '/photo-avatars', '/%61ccount', '//photo-avatars', '/openapi.json'],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

let upstream: Upstream;
let page: TestPage;
let running: RunningService;
beforeAll(async () => {
  upstream = await startUpstream();
  page = await startTestPage({ api: { url: upstream.url }, simulatorUrl: upstream.url });
  // As `npm start` does: the page in front of the API.
  let local: Page | undefined;
  running = await startRunningService({
    front: async (request, response) => (await local?.handle(request, response)) ?? false,
  });
  local = createPage({
    session: { service: running.service.url, kind: 'local', hasSimulator: true, version: '0.0.0' },
    assets: ASSETS,
    api: { url: running.service.url },
    monitor: { alarms: async () => ({ items: [] }), lastHour: () => Promise.reject(new Error('Not asked.')) },
    pictureSources: [],
  });
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await running.close();
  await page.close();
  await upstream.close();
});

const sendTo = {
  console: (target: string, sent?: Sent) => page.sendOwn(target, sent),
  'npm start': (target: string, sent?: Sent) => sendRaw(running.service.url, target, sent),
};
const portOf = { console: () => page.port, 'npm start': () => new URL(running.service.url).port };

describe.each(['console', 'npm start'] as const)('%s', (where) => {
  const send = sendTo[where];
  const port = portOf[where];
  const paid = () => running.paidCalls().length;

  it('refuses a name that an attacker resolves to this machine, whatever the path and method', async () => {
    for (const target of PATHS)
      for (const method of METHODS) {
        const answer = await send(target, { method, headers: { host: `evil.example:${port()}` } });
        expect(answer.status, `${method} ${target}`).toBe(403);
        if (method !== 'HEAD') expect(problemIn(answer)).toBe('foreign-request');
      }
    expect([upstream.received, paid()]).toEqual([[], 0]);
  });

  it.each([
    ['127.0.0.1', 'without its port'],
    ['127.0.0.1:1', 'with another port'],
    ['localhost.evil.example:PORT', 'that begins like an own name'],
    ['evil.example.localhost:PORT', 'that ends like an own name'],
    ['127.0.0.1:PORT.evil.example', 'that contains an own host'],
    ['evil@127.0.0.1:PORT', 'with a user'],
    ['[::ffff:127.0.0.1]:PORT', 'of the same address in another form'],
    ['0.0.0.0:PORT', 'of every address'],
  ])('refuses the host "%s" %s', async (host) => {
    const answer = await send('/', { headers: { host: host.replace('PORT', port()) } });
    expect([answer.status, problemIn(answer)]).toEqual([403, 'foreign-request']);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]'])('answers under the name %s', async (name) => {
    expect((await send('/', { headers: { host: `${name}:${port()}` } })).status).toBe(200);
  });

  it.each([
    ['a target that names another host', 'http://evil.example/console/session', '127.0.0.1:PORT'],
    ['a host that is empty', '/console/session', ''],
  ])('refuses %s', async (_, target, host) => {
    const socket = connect(Number(port()), '127.0.0.1');
    const lines = [`GET ${target} HTTP/1.1`, `Host: ${host.replace('PORT', port())}`, 'Connection: close'];
    socket.end(`${lines.join('\r\n')}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 403 /);
  });

  it('refuses a page of another origin, whatever the path and method', async () => {
    for (const target of PATHS)
      for (const method of METHODS) {
        const { status } = await send(target, { method, headers: { origin: 'https://evil.example' } });
        expect(status, `${method} ${target}`).toBe(403);
      }
    expect([upstream.received, paid()]).toEqual([[], 0]);
  });

  it.each([
    'null',
    'http://127.0.0.1:1',
    'http://127.0.0.1',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:PORT.evil.example',
    'http://localhost.evil.example:PORT',
  ])('refuses the origin %s', async (origin) => {
    const answer = await send('/', { headers: { origin: origin.replace('PORT', port()) } });
    expect([answer.status, problemIn(answer)]).toEqual([403, 'foreign-request']);
  });

  it.each(['cross-site', 'same-site', 'something-new'])(
    'refuses what a browser marks as %s, also a link or an image',
    async (site) => {
      for (const target of PATHS) {
        const answer = await send(target, {
          headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' },
        });
        expect(problemIn(answer), target).toBe('foreign-request');
      }
    },
  );

  it('answers its own page, and an address that is typed', async () => {
    const own = { origin: `http://127.0.0.1:${port()}`, 'sec-fetch-site': 'same-origin' };
    for (const headers of [own, { 'sec-fetch-site': 'none' }])
      expect((await send('/', { headers })).status).toBe(200);
  });

  it('allows no page to read an answer from another origin', async () => {
    for (const target of ['/', '/console/session', '/account']) {
      const { headers } = await send(target, { headers: { origin: `http://localhost:${port()}` } });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

it('npm start: a foreign page spends no credit, and the routes of the API need no token', async () => {
  const body = JSON.stringify(AVATAR);
  const headers = { 'content-type': 'application/json' };
  const post = (more: Record<string, string>) =>
    sendRaw(running.service.url, '/photo-avatars', {
      method: 'POST',
      headers: { ...headers, ...more },
      body,
    });
  expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await post({ 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await post({ host: `evil.example:${new URL(running.service.url).port}` })).status).toBe(403);
  expect(running.charges()).toBe(0);
  expect((await post({})).status).toBe(201);
  expect(running.charges()).toBe(1);
});
