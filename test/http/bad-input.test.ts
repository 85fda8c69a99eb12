import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemName } from '../../lambda/http/problem.ts';
import { MAX_BODY_BYTES } from '../../lambda/http/read-event.ts';
import { AVATAR } from '../support/requests.ts';
import {
  type Answer,
  expectProblem,
  type RunningService,
  startRunningService,
} from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
afterEach(async () => {
  expect(running.paidCalls(), 'calls of JoggAI').toEqual([]);
  expect(await running.records(), 'records').toEqual([]);
});
afterAll(() => running.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const sized = (bytes: number) => {
  const start = `{"appearance":"`;
  return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
};

describe('a body', () => {
  it.each<[string, string, ProblemName]>([
    ['is not JSON', '{"age":', 'invalid-json'],
    ['is empty', '', 'invalid-json'],
    ['is an array', '[]', 'invalid-request'],
    ['is text', '"Adult"', 'invalid-request'],
    ['is null', 'null', 'invalid-request'],
    ['exceeds the limit by one byte', sized(MAX_BODY_BYTES + 1), 'body-too-large'],
    ['greatly exceeds the limit', sized(200_000), 'body-too-large'],
    [
      'exceeds the limit in bytes but not in characters',
      `{"appearance":"${'ä'.repeat(MAX_BODY_BYTES / 2)}"}`,
      'body-too-large',
    ],
  ])('that %s is rejected', async (_, body, name) => {
    expectProblem(await running.post(body), name);
  });

  it('of the maximum size is parsed', async () => {
    expectProblem(await running.post(sized(MAX_BODY_BYTES)), 'invalid-request');
  });

  it('that is not UTF-8 is rejected', async () => {
    const body = Buffer.concat([Buffer.from('{"age":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const headers = { 'content-type': 'application/problem+json' };
    expectProblem(await running.call('POST', '/photo-avatars', { headers, body }), 'invalid-json');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'multipart/form-data',
    'json',
  ])('with content type %s is rejected, even if it is JSON', async (type) => {
    const answer = await running.post(AVATAR, { 'content-type': type });
    expect(expectProblem(answer, 'unsupported-media-type').detail).toContain('application/json');
  });
});

describe('a request', () => {
  const errorsOf = async (value: unknown) =>
    expectProblem(await running.post(value), 'invalid-request').errors;

  it('with several errors returns all of them', async () => {
    const wrong = {
      ...AVATAR,
      age: 'adult',
      gender: undefined,
      image_url: 'not a URL',
      photo_url: 'https://example.com/x.png',
      name: 'x',
    };
    expect(await errorsOf(wrong)).toEqual([
      { field: 'age', message: expect.stringContaining('did you mean "Adult"?') },
      { field: 'gender', message: expect.stringContaining('is required') },
      { field: 'image_url', message: 'must be an http or https URL' },
      { field: 'photo_url', message: expect.stringContaining('"image_url"') },
      { field: 'name', message: expect.stringContaining('is not a field of this request') },
    ]);
  });

  it('without any field returns an error for each required field', async () => {
    expect((await errorsOf({}))?.map(({ field }: { field: string }) => field)).toEqual(Object.keys(AVATAR));
  });

  it('that is not valid is also rejected in a dry run and with respond-async', async () => {
    expectProblem(await running.post({}, {}, '/photo-avatars?dry_run=true'), 'invalid-request');
    expectProblem(await running.post({}, { prefer: 'respond-async' }), 'invalid-request');
  });
});

describe('an Idempotency-Key', () => {
  it.each([
    ['is empty', ''],
    ['has 256 characters', 'x'.repeat(256)],
    ['has a space inside', 'a b'],
    ['has a comma', 'a,b'],
    ['has characters beyond ASCII', 'schl\u00fcssel'],
    ['has a quote inside', 'a"b'],
    ['is quoted and empty', '""'],
  ])('that %s is rejected', async (_, key) => {
    const { errors } = expectProblem(
      await running.post(AVATAR, { 'idempotency-key': key }),
      'invalid-header',
    );
    expect(errors).toEqual([{ field: 'Idempotency-Key', message: expect.stringMatching(/./) }]);
  });

  it('sent in two headers is rejected, even if both values are the same', async () => {
    // fetch joins repeated headers into one.
    const answer = await new Promise<Answer>((resolve, reject) => {
      const request = httpRequest(`${running.service.url}/photo-avatars`, {
        method: 'POST',
        headers: { ...JSON_TYPE, 'idempotency-key': ['order-1', 'order-1'] },
      });
      request.on('error', reject).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: new Headers({ 'content-type': response.headers['content-type'] ?? '' }),
            body: JSON.parse(text),
          }),
        );
      });
      request.end(JSON.stringify(AVATAR));
    });
    expectProblem(answer, 'invalid-header');
  });
});

describe('a query parameter', () => {
  it.each([
    ['POST', '/photo-avatars?dryrun=true', 'dryrun'],
    ['POST', '/photo-avatars?dry_run=yes', 'dry_run'],
    ['POST', '/photo-avatars?dry_run=', 'dry_run'],
    ['POST', '/photo-avatars?dry_run=true&dry_run=false', 'dry_run'],
    ['GET', '/photo-avatars?page=2', 'page'],
    ['GET', '/photo-avatars?status=done', 'status'],
    ['GET', '/photo-avatars?status=', 'status'],
    ['GET', '/photo-avatars?limit=0', 'limit'],
    ['GET', '/photo-avatars?limit=101', 'limit'],
    ['GET', '/photo-avatars?limit=-1', 'limit'],
    ['GET', '/photo-avatars?limit=2.5', 'limit'],
    ['GET', '/photo-avatars?limit=many', 'limit'],
    ['GET', '/photo-avatars?limit=', 'limit'],
    ['GET', '/photo-avatars?cursor=x', 'cursor'],
    ['GET', '/photo-avatars?cursor=', 'cursor'],
    ['GET', `/photo-avatars?cursor=${Buffer.from('["2026-11-22","x"]').toString('base64url')}`, 'cursor'],
    ['GET', '/account?verbose=1', 'verbose'],
    ['GET', '/openapi.json?x=1', 'x'],
  ])('of %s %s that is unknown or not valid is rejected by name', async (method, path, field) => {
    const answer =
      method === 'POST' ? await running.post(AVATAR, {}, path) : await running.call(method, path);
    expect(expectProblem(answer, 'invalid-parameter').errors).toEqual([
      { field, message: expect.stringMatching(/./) },
    ]);
  });
});

describe('an id', () => {
  it.each([
    '019ab7f0-0000-7000-8000-000000000000',
    '019AB7F0-0000-7000-8000-000000000000',
    'gate',
    'x',
    '%00',
    '..%2Faccount',
  ])('without a record, %s, returns 404', async (id) => {
    const answer = await running.call('GET', `/photo-avatars/${id}`);
    expect(['urn:photo-avatars:problem:not-found', 'urn:photo-avatars:problem:route-not-found']).toContain(
      Object(answer.body).type,
    );
    expect(answer.status).toBe(404);
  });
});

describe('a route', () => {
  it.each([
    '/',
    '/photo-avatar',
    '/photo-avatars/',
    '/photo-avatars/x/y',
    '/account/x',
    '/v2/photo_avatar/photo/generate',
  ])('that does not exist, %s, returns 404', async (path) => {
    expectProblem(await running.call('GET', path), 'route-not-found');
    expectProblem(await running.post(AVATAR, {}, path), 'route-not-found');
  });

  it.each([
    ['PUT', '/photo-avatars', 'POST, GET'],
    ['DELETE', '/photo-avatars', 'POST, GET'],
    ['PUT', '/photo-avatars/019ab7f0-0000-7000-8000-000000000000', 'GET, DELETE'],
    ['POST', '/account', 'GET, PATCH'],
    ['PUT', '/openapi.json', 'GET'],
  ])('rejects the method %s on %s with the allowed methods', async (method, path, allow) => {
    const answer = await running.call(method, path);
    expectProblem(answer, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('PATCH /account', () => {
  it.each([[{}], [{ paused: 'yes' }], [{ paused: 1 }], [{ paused: true, until: 1 }], [[]], ['x'], [null]])(
    'rejects %j',
    async (patch) => {
      const { errors } = expectProblem(
        await running.sendJson('PATCH', '/account', JSON.stringify(patch)),
        'invalid-request',
      );
      expect(errors?.length).toBeGreaterThan(0);
      expect((await running.call('GET', '/account')).body).toMatchObject({ state: 'open' });
    },
  );
});
