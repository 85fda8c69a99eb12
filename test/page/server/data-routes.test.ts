import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ROUTES } from '../../../lambda/shared/routes.ts';
import { TOKEN_HEADER } from '../../../page/contract.ts';
import {
  problemIn,
  type Received,
  startTestPage,
  startUpstream,
  type TestPage,
  type Upstream,
} from '../../support/page-world.ts';

const ID = '43de21ae-ff23-8f46-99e6-398680338df2';

let upstream: Upstream;
let page: TestPage;
/** Every answer of this file. */
const answers: Received[] = [];
beforeAll(async () => {
  upstream = await startUpstream();
  const started = await startTestPage({ api: { url: upstream.url }, simulatorUrl: upstream.url });
  const kept =
    (send: TestPage['send']): TestPage['send'] =>
    async (...request) => {
      const answer = await send(...request);
      answers.push(answer);
      return answer;
    };
  page = { ...started, send: kept(started.send), sendOwn: kept(started.sendOwn) };
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await page.close();
  await upstream.close();
});

describe('the token', () => {
  const DATA = [
    ...['/console', '/console/', '/console/nothing', '/console/session', '/console/session?token=TOKEN'],
    ...['/console/alarms', '/console/last-hour', '/console/api/account', '/console/api/nothing'],
    ...['/console/simulator', '/console/simulator/reset'],
  ];

  it.each([
    ['is missing', () => ({})],
    ['is empty', () => ({ [TOKEN_HEADER]: '' })],
    ['is another one', () => ({ [TOKEN_HEADER]: 'A'.repeat(page.token.length) })],
    ['is only the beginning', () => ({ [TOKEN_HEADER]: page.token.slice(0, -1) })],
    ['is sent twice', () => ({ [TOKEN_HEADER]: `${page.token}, ${page.token}` })],
    [
      'is in another header',
      () => ({ authorization: `Bearer ${page.token}`, cookie: `token=${page.token}` }),
    ],
  ])('protects every data route when it %s, and the answer says what to do', async (_, headersOf) => {
    for (const target of DATA)
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await page.send(target.replace('TOKEN', page.token), { method, headers: headersOf() });
        expect([answer.status, problemIn(answer)], target).toEqual([401, 'token-required']);
        expect(JSON.parse(answer.text).detail).toContain('Open the printed address');
      }
    expect(upstream.received).toEqual([]);
  });

  it('has 256 bits, differs at every start, and is behind the # of the printed address', async () => {
    const other = await startTestPage({ api: { url: upstream.url } });
    onTestFinished(() => other.close());
    expect(Buffer.from(page.token, 'base64url')).toHaveLength(32);
    expect(other.token).not.toBe(page.token);
    expect(page.address).toBe(`${page.origin}/#token=${page.token}`);
  });

  it('lets the page read its data', async () => {
    for (const target of ['/console/session', '/console/alarms', '/console/last-hour', '/console/simulator'])
      expect((await page.sendOwn(target)).status, target).toBe(200);
    expect(JSON.parse((await page.sendOwn('/console/session')).text)).toEqual({
      service: 'test',
      kind: 'url',
      hasSimulator: false,
      version: '0.0.0',
    });
    expect((await page.sendOwn('/console/session', { method: 'POST' })).status).toBe(405);
    expect((await page.sendOwn('/console/nothing')).status).toBe(404);
  });
});

describe('the routes of the API', () => {
  it.each(ROUTES)('are passed on: %s', async (route) => {
    const [method = '', path = ''] = route.replace('{id}', ID).split(' ');
    const body = method === 'GET' ? undefined : '{"a":"ü"}';
    const { status, text } = await page.sendOwn(`/console/api${path}?x=%2F&y`, {
      method,
      ...(body && { body }),
    });
    expect([status, text]).toEqual([200, '{"from":"upstream"}']);
    expect(upstream.received).toMatchObject([{ method, target: `${path}?x=%2F&y`, body: body ?? '' }]);
  });

  it.each([
    ...['', '/', '/nothing', '/account/', '//account', '/account%20', '/%61ccount', '/openapixjson'],
    ...['/../account', '/photo-avatars/..', '/photo-avatars/../account', '/photo-avatars/%2e%2e/account'],
    ...[`/photo-avatars/${ID}/../../account`, `/photo-avatars/${ID}%2Frefresh`, '/photo-avatars/a.b'],
    ...[`/photo-avatars/${ID}/nothing`, '@evil.example/account', '.evil.example/account', ':80/account'],
    ...['/_simulator', '/photo-avatars\\..\\account'],
  ])('and no others are passed on: %s', async (path) => {
    for (const method of ['GET', 'POST']) {
      const answer = await page.sendOwn(`/console/api${path}`, { method });
      expect([answer.status, problemIn(answer)]).toEqual([404, 'route-not-found']);
    }
    expect(upstream.received).toEqual([]);
  });

  it.each([
    ['DELETE', '/account', 'GET, PATCH'],
    ['PUT', '/photo-avatars', 'POST, GET'],
    ['POST', '/openapi.json', 'GET'],
    ['OPTIONS', '/account', 'GET, PATCH'],
    ['GET', `/photo-avatars/${ID}/refresh`, 'POST'],
  ])('take no other method: %s %s', async (method, path, allow) => {
    const answer = await page.sendOwn(`/console/api${path}`, { method });
    expect([answer.status, problemIn(answer), answer.headers.allow]).toEqual([
      405,
      'method-not-allowed',
      allow,
    ]);
    expect(upstream.received).toEqual([]);
  });

  it('are passed on with the headers that the API reads, and with no others', async () => {
    const passed = { 'content-type': 'application/json', 'idempotency-key': 'key', prefer: 'respond-async' };
    const dropped = {
      authorization: 'Bearer stolen',
      cookie: 'session=1',
      'x-amz-security-token': 'x',
      'x-amz-date': 'x',
      'x-forwarded-for': '1.2.3.4',
      'x-api-key': 'x',
      referer: 'http://x',
    };
    await page.sendOwn('/console/api/photo-avatars', {
      method: 'POST',
      headers: { ...passed, ...dropped },
      body: '{}',
    });
    const [{ headers } = { headers: {} }] = upstream.received;
    expect(headers).toMatchObject(passed);
    for (const name of [...Object.keys(dropped), TOKEN_HEADER, 'origin'])
      expect(headers).not.toHaveProperty(name);
    expect(JSON.stringify(headers)).not.toContain(page.token);
  });

  it('answer with the status, the body and the headers that the client reads, and with no others', async () => {
    const kept = {
      'apigw-requestid': 'r1',
      'content-type': 'application/problem+json',
      'idempotency-replayed': 'true',
      location: '/photo-avatars/1',
      'retry-after': '7',
      'x-correlation-id': 'c1',
    };
    const dropped = {
      'set-cookie': 'a=b',
      'access-control-allow-origin': '*',
      'x-secret': 'x',
      server: 'x',
      'content-security-policy': 'default-src *',
    };
    upstream.answerWith({ status: 429, headers: { ...kept, ...dropped }, body: '{"type":"x"}' });
    const { status, headers, text } = await page.sendOwn('/console/api/account');
    expect([status, text]).toEqual([429, '{"type":"x"}']);
    expect(headers).toMatchObject(kept);
    for (const name of ['set-cookie', 'access-control-allow-origin', 'x-secret', 'server'])
      expect(headers).not.toHaveProperty(name);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';/);
  });

  it('take a body up to a limit, and text only', async () => {
    const post = (body: string | Buffer) =>
      page.sendOwn('/console/api/photo-avatars', { method: 'POST', body });
    expect((await post('x'.repeat(128 * 1024))).status).toBe(200);
    expect(upstream.received).toHaveLength(1);
    const large = await post('x'.repeat(128 * 1024 + 1));
    expect([large.status, problemIn(large)]).toEqual([413, 'body-too-large']);
    const bytes = await post(Buffer.from([0x22, 0xff, 0x22]));
    expect([bytes.status, problemIn(bytes)]).toEqual([400, 'invalid-json']);
    expect(upstream.received).toHaveLength(1);
  });

  it('answer 502 if the service does not answer, or redirects', async () => {
    upstream.answerWith('reset');
    const reset = await page.sendOwn('/console/api/account');
    expect([reset.status, problemIn(reset)]).toEqual([502, 'unavailable']);
    upstream.answerWith({ status: 302, headers: { location: `${upstream.url}/elsewhere` }, body: '' });
    upstream.received.length = 0;
    const redirected = await page.sendOwn('/console/api/account');
    expect([redirected.status, problemIn(redirected)]).toEqual([502, 'unavailable']);
    expect(upstream.received).toHaveLength(1);
    const gone = await startTestPage({ api: { url: 'http://127.0.0.1:9' } });
    onTestFinished(() => gone.close());
    const refused = await gone.sendOwn('/console/api/account');
    expect([refused.status, problemIn(refused)]).toEqual([502, 'unavailable']);
    expect(JSON.parse(refused.text).detail).toContain('127.0.0.1:9');
  });
});

describe('the controls of the simulator', () => {
  it.each([
    ['GET', '?calls=3', ''],
    ['PATCH', '/settings', '{"credits":0}'],
    ['POST', '/faults', '{"kind":"reset"}'],
    ['DELETE', '/faults', ''],
    ['POST', '/reset', ''],
  ])('are passed on without an origin: %s %s', async (method, path, body) => {
    const headers = { origin: page.origin, 'content-type': 'application/json' };
    const { status } = await page.sendOwn(`/console/simulator${path}`, { method, headers, body });
    expect(status).toBe(200);
    expect(upstream.received).toMatchObject([{ method, target: `/_simulator${path}`, body }]);
    expect(upstream.received[0]?.headers).not.toHaveProperty('origin');
  });

  it('and nothing else of it', async () => {
    for (const path of ['/../v2/user/remaining_quota', '/nothing', 'x', '/settings/..'])
      expect((await page.sendOwn(`/console/simulator${path}`)).status, path).toBe(404);
    expect((await page.sendOwn('/console/simulator/settings')).status).toBe(405);
    expect(upstream.received).toEqual([]);
  });

  it('are not there without a simulator', async () => {
    const real = await startTestPage({ api: { url: upstream.url } });
    onTestFinished(() => real.close());
    for (const path of ['', '/settings', '/reset'])
      expect((await real.sendOwn(`/console/simulator${path}`, { method: 'POST' })).status).toBe(404);
    expect(upstream.received).toEqual([]);
  });
});

it('no answer contains the token', () => {
  expect(answers.length).toBeGreaterThan(100);
  for (const { headers, text } of answers) expect(JSON.stringify(headers) + text).not.toContain(page.token);
});
