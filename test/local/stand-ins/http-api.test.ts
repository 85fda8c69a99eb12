import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunningServer } from '../../../local/server.ts';
import { type HttpApiOptions, startHttpApi } from '../../../local/stand-ins/http-api.ts';
import { LOCAL_CALLER } from '../../../local/stand-ins/http-api-event.ts';
import { eventually } from '../../support/eventually.ts';

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

/** An API whose function answers with its event, or as the test says. */
const start = async (options: Partial<HttpApiOptions> = {}) => {
  const invoke = async (event: unknown): Promise<unknown> => event;
  const api = await startHttpApi({ invoke, routes: ROUTES, ...options });
  started.push(api);
  const call = (path: string, init?: RequestInit) => fetch(`${api.url}${path}`, init);
  const eventOf = async (path: string, init?: RequestInit) =>
    JSON.parse(await (await call(path, init)).text());
  return { ...api, call, eventOf };
};

const answering = (result: unknown) => start({ invoke: async () => result });
const post = (body: string | Uint8Array<ArrayBuffer>, contentType: string) => ({
  method: 'POST',
  headers: { 'content-type': contentType },
  body,
});

describe('the event', () => {
  it('is one of payload format 2.0', async () => {
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
    expect(event).not.toHaveProperty('cookies');
  });

  it('has no body, query or cookies where the request has none', async () => {
    const { eventOf } = await start();
    const event = await eventOf('/photo-avatars');
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    for (const absent of ['body', 'queryStringParameters', 'cookies'])
      expect(event).not.toHaveProperty(absent);
  });

  it('joins repeated headers and parameters with commas, and takes the cookies apart', async () => {
    const { url } = await start();
    const request = httpRequest(`${url}/photo-avatars?a=1&b=%20x&a=2`, {
      headers: { 'X-Many': ['one', 'two'], Cookie: 'first=1; second=2' },
    });
    const body = await new Promise<string>((resolve, reject) => {
      request.on('response', (response) => resolve(text(response))).on('error', reject);
      request.end();
    });
    const event = JSON.parse(body);
    expect(event.rawQueryString).toBe('a=1&b=%20x&a=2');
    expect(event.queryStringParameters).toEqual({ a: '1,2', b: ' x' });
    expect(event.headers['x-many']).toBe('one,two');
    expect(event.cookies).toEqual(['first=1', 'second=2']);
    expect(event.headers).not.toHaveProperty('cookie');
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
  ])('has a body of the type "%s" in base64: %s', async (contentType, isBase64Encoded) => {
    const { eventOf } = await start();
    const bytes = Buffer.from('{"age":"é"}');
    const init =
      contentType === '' ? { method: 'POST', body: new Uint8Array(bytes) } : post(`${bytes}`, contentType);
    const event = await eventOf('/photo-avatars', init);
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(event.body).toBe(bytes.toString(isBase64Encoded ? 'base64' : 'utf8'));
  });

  it('names the caller that it is told to', async () => {
    const { eventOf } = await start({ caller: { ...LOCAL_CALLER, userArn: 'arn:aws:iam::1:user/ada' } });
    const event = await eventOf('/photo-avatars');
    expect(event.requestContext.authorizer.iam.userArn).toBe('arn:aws:iam::1:user/ada');
  });
});

describe('a route', () => {
  it('gives the parameters of its path, decoded', async () => {
    const { eventOf } = await start();
    const event = await eventOf('/photo-avatars/a%20b');
    expect(event).toMatchObject({ routeKey: 'GET /photo-avatars/{id}', pathParameters: { id: 'a b' } });
  });

  it('without a parameter goes before one with a parameter', async () => {
    const { eventOf } = await start();
    expect((await eventOf('/photo-avatars/all')).routeKey).toBe('GET /photo-avatars/all');
  });

  it('that does not exist is answered 404, and the function is not called', async () => {
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

  it('is $default for whatever no other one takes', async () => {
    const { eventOf } = await start({ routes: [...ROUTES, '$default'] });
    const event = await eventOf('/photo-avatars/a/b', { method: 'PATCH' });
    expect(event).toMatchObject({ routeKey: '$default', rawPath: '/photo-avatars/a/b' });
    expect((await eventOf('/photo-avatars')).routeKey).toBe('GET /photo-avatars');
  });

  it('has no path that cannot be decoded', async () => {
    const { call } = await start();
    expect((await call('/photo-avatars/%E0%A4%A')).status).toBe(400);
  });
});

describe('the response', () => {
  it('is what the function says', async () => {
    const { call } = await answering({
      statusCode: 201,
      headers: { 'Content-Type': 'application/problem+json', 'x-number': 7 },
      cookies: ['a=1', 'b=2'],
      body: '{"é":1}',
    });
    const response = await call('/photo-avatars');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-number')).toBe('7');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('apigw-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.text()).toBe('{"é":1}');
  });

  it('is decoded from base64', async () => {
    const body = Buffer.from([0, 1, 254, 255]);
    const { call } = await answering({
      statusCode: 200,
      body: body.toString('base64'),
      isBase64Encoded: true,
    });
    expect(Buffer.from(await (await call('/photo-avatars')).arrayBuffer())).toEqual(body);
  });

  it('may be without a body', async () => {
    const { call } = await answering({ statusCode: 204 });
    const response = await call('/photo-avatars');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it.each([
    [{ id: 'a' }, '{"id":"a"}'],
    [['a'], '["a"]'],
    ['plain', 'plain'],
    [null, 'null'],
  ])('to the plain value %j is a 200 with it', async (result, body) => {
    const { call } = await answering(result);
    const response = await call('/photo-avatars');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.text()).toBe(body);
  });

  it.each([
    { statusCode: 'created' },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, headers: ['a'] },
  ])('is 500 when the function returns %j', async (result) => {
    const { call } = await answering(result);
    const response = await call('/photo-avatars');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it('is 500 when the function fails, and does not say why', async () => {
    const { call } = await start({ invoke: () => Promise.reject(new Error('a secret')) });
    const response = await call('/photo-avatars');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it('is 503 when the function takes too long, and the function goes on', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let finished = false;
    const invoke = () => promise.then(() => (finished = true));
    const { call } = await start({ invoke, integrationTimeoutMs: 20 });
    const response = await call('/photo-avatars');
    expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
    resolve();
    await eventually(() => expect(finished).toBe(true));
  });

  it('is 413 to more than 10 MiB, and the function is not called', async () => {
    const invoke = vi.fn(async () => 'taken');
    const { call } = await start({ invoke });
    const limit = 10 * 1024 * 1024;
    const tooLong = await call('/photo-avatars', post('x'.repeat(limit + 1), 'text/plain'));
    expect([tooLong.status, await tooLong.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect(invoke).not.toHaveBeenCalled();
    expect((await call('/photo-avatars', post('x'.repeat(limit), 'text/plain'))).status).toBe(200);
  });
});
