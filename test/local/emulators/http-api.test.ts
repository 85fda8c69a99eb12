import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type HttpApiOptions, startHttpApi } from '../../../local/emulators/http-api.ts';
import type { RunningServer } from '../../../local/server.ts';

const ROUTES = [
  'POST /photo-avatars',
  'GET /photo-avatars',
  'GET /photo-avatars/{id}',
  'GET /photo-avatars/all',
];

const started: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.close()));
});

/** An API whose function returns its event in the body, unless a test overrides it. */
const start = async (options: Partial<HttpApiOptions> = {}) => {
  const invoke = async (event: unknown) => ({ statusCode: 200, body: JSON.stringify(event) });
  const api = await startHttpApi({ invoke, routes: ROUTES, ...options });
  started.push(api);
  const call = (path: string, init?: RequestInit) => fetch(`${api.url}${path}`, init);
  const eventOf = async (path: string, init?: RequestInit) =>
    JSON.parse(await (await call(path, init)).text());
  return { ...api, call, eventOf };
};

const startWithResult = (result: unknown) => start({ invoke: async () => result });
const post = (body: string | Uint8Array<ArrayBuffer>, contentType: string) => ({
  method: 'POST',
  headers: { 'content-type': contentType },
  body,
});

describe('the event', () => {
  it('has payload format 2.0', async () => {
    const { eventOf, url } = await start();
    const body = '{"age":"Adult","background":"Büro"}';
    const event = await eventOf('/photo-avatars?dry_run=true', post(body, 'application/json'));
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /photo-avatars',
      rawPath: '/photo-avatars',
      rawQueryString: 'dry_run=true',
      queryStringParameters: { dry_run: 'true' },
      headers: { 'content-type': 'application/json', host: new URL(url).host },
      requestContext: {
        accountId: '000000000000',
        authorizer: { iam: { accountId: '000000000000', userArn: 'arn:aws:iam::000000000000:user/local' } },
        http: { method: 'POST', path: '/photo-avatars', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        routeKey: 'POST /photo-avatars',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body,
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty('pathParameters');
  });

  it('has no body and no query if the request has none', async () => {
    const { eventOf } = await start();
    const event = await eventOf('/photo-avatars');
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    for (const absent of ['body', 'queryStringParameters']) expect(event).not.toHaveProperty(absent);
  });

  it('joins repeated headers and parameters with commas', async () => {
    const { url } = await start();
    const request = httpRequest(`${url}/photo-avatars?a=1&b=%20x&a=2`, {
      headers: { 'X-Many': ['one', 'two'] },
    });
    const body = await new Promise<string>((resolve, reject) => {
      request.on('response', (response) => resolve(text(response))).on('error', reject);
      request.end();
    });
    const event = JSON.parse(body);
    expect(event.rawQueryString).toBe('a=1&b=%20x&a=2');
    expect(event.queryStringParameters).toEqual({ a: '1,2', b: ' x' });
    expect(event.headers['x-many']).toBe('one,two');
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/xml', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['application/problem+json', true],
    ['', true],
  ])('encodes a body of the type "%s" in base64: %s', async (contentType, isBase64Encoded) => {
    const { eventOf } = await start();
    const bytes = Buffer.from('{"age":"é"}');
    const init =
      contentType === '' ? { method: 'POST', body: new Uint8Array(bytes) } : post(`${bytes}`, contentType);
    const event = await eventOf('/photo-avatars', init);
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(event.body).toBe(bytes.toString(isBase64Encoded ? 'base64' : 'utf8'));
  });
});

describe('a route', () => {
  it('decodes its path parameters', async () => {
    const { eventOf } = await start();
    const event = await eventOf('/photo-avatars/a%20b');
    expect(event).toMatchObject({ routeKey: 'GET /photo-avatars/{id}', pathParameters: { id: 'a b' } });
  });

  it('without a parameter has priority over a route with a parameter', async () => {
    const { eventOf } = await start();
    expect((await eventOf('/photo-avatars/all')).routeKey).toBe('GET /photo-avatars/all');
  });

  it('that does not exist is answered 404 without an invocation', async () => {
    const invoke = vi.fn();
    const { call } = await start({ invoke });
    const requests: [string, RequestInit?][] = [
      ['/'],
      ['/photo-avatars', { method: 'DELETE' }],
      ['/photo-avatars/'],
      ['/photo-avatars/a/b'],
    ];
    for (const [path, init] of requests) {
      const response = await call(path, init);
      expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
    }
    expect(invoke).not.toHaveBeenCalled();
  });

  it('is $default if no other route matches', async () => {
    const { eventOf } = await start({ routes: [...ROUTES, '$default'] });
    const event = await eventOf('/photo-avatars/a/b', { method: 'PATCH' });
    expect(event).toMatchObject({ routeKey: '$default', rawPath: '/photo-avatars/a/b' });
    expect((await eventOf('/photo-avatars')).routeKey).toBe('GET /photo-avatars');
  });

  it('does not match a path that cannot be decoded', async () => {
    const { call } = await start();
    expect((await call('/photo-avatars/%E0%A4%A')).status).toBe(400);
  });
});

describe('the response', () => {
  it('has the status, headers and body that the function returns', async () => {
    const { call } = await startWithResult({
      statusCode: 201,
      headers: { 'Content-Type': 'application/problem+json', 'x-number': 7 },
      body: '{"é":1}',
    });
    const response = await call('/photo-avatars');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-number')).toBe('7');
    expect(response.headers.get('apigw-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.text()).toBe('{"é":1}');
  });

  it('may have no body', async () => {
    const { call } = await startWithResult({ statusCode: 204 });
    const response = await call('/photo-avatars');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it.each([
    null,
    { id: 'a' },
    { statusCode: 'created' },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, headers: ['a'] },
  ])('is 500 if the function returns %j', async (result) => {
    const { call } = await startWithResult(result);
    const response = await call('/photo-avatars');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it('is 500 without the reason if the function fails', async () => {
    const { call } = await start({ invoke: () => Promise.reject(new Error('a secret')) });
    const response = await call('/photo-avatars');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it('is 413 without an invocation if the body exceeds 10 MiB', async () => {
    const invoke = vi.fn(async () => ({ statusCode: 200 }));
    const { call } = await start({ invoke });
    const limit = 10 * 1024 * 1024;
    const tooLong = await call('/photo-avatars', post('x'.repeat(limit + 1), 'text/plain'));
    expect([tooLong.status, await tooLong.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect(invoke).not.toHaveBeenCalled();
    expect((await call('/photo-avatars', post('x'.repeat(limit), 'text/plain'))).status).toBe(200);
  });
});

it('fails to start on a port that is in use', async () => {
  const { url } = await start();
  await expect(start({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
