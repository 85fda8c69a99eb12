import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFreeApi } from '../../lambda/adapters/joggai/free-api.ts';
import type { FreeApi } from '../../lambda/domain/ports.ts';
import { createHandlerServer, listen, type RunningServer } from '../../local/server.ts';
import { eventuallyTrue, HANG_MS } from '../support/eventually.ts';

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** A server that gives every GET the same answer. */
let server: RunningServer;
let answer: Answer | 'reset' | 'silence';
const requests: {
  readonly path: string | undefined;
  readonly method: string | undefined;
  readonly key: unknown;
}[] = [];
beforeAll(async () => {
  server = await listen(
    createHandlerServer(async (request, response) => {
      requests.push({ path: request.url, method: request.method, key: request.headers['x-api-key'] });
      if (answer === 'reset') request.socket.resetAndDestroy();
      else if (answer !== 'silence') response.writeHead(answer.status ?? 200).end(answer.body);
    }),
  );
});
afterEach(() => {
  vi.useRealTimers();
  requests.length = 0;
});
afterAll(() => server.close());

const KEY = 'confidential-key';
const unseen: string[] = [];
afterEach(() => {
  unseen.length = 0;
});

const reads = ({ baseUrl = server.url, timeoutMs = HANG_MS } = {}) =>
  createFreeApi({ baseUrl, onUnseenStatus: (status) => unseen.push(status), timeoutMs });

const HOUR_MS = 3_600_000;

/** Reads without an answer until the time limit. It is an hour, so that waiting for the request does not reach it. */
const readWithoutAnswer = async <Result>(read: (api: FreeApi) => Promise<Result>): Promise<Result> => {
  answer = 'silence';
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const result = read(reads({ timeoutMs: HOUR_MS }));
  await eventuallyTrue(() => requests.length > 0);
  vi.advanceTimersByTime(HOUR_MS);
  return result;
};

const envelopeOf = (data: unknown, fields: object = {}) =>
  JSON.stringify({ code: 0, msg: 'Success', data, ...fields });

/** The status of a generation for this answer of JoggAI. */
const statusFor = (data: unknown, fields: object = {}) => {
  answer = { body: envelopeOf(data, fields) };
  return reads().generationStatus('photo-1', KEY);
};

const ONE = { url: 'https://res.jogg.ai/1.png', key: 'k1' };
const TWO = { url: 'https://res.jogg.ai/2.png', key: 'k2' };
const lists = {
  image_url_list: [ONE.url, TWO.url],
  image_key_list: [ONE.key, TWO.key],
};

it('a poll is a GET with the key and the encoded photo id', async () => {
  answer = { body: envelopeOf({ status: 'in_progress' }) };
  await reads().generationStatus('25-a&b=c/d ü', KEY);
  expect(requests).toEqual([
    { method: 'GET', path: '/v2/photo_avatar/photo?photo_id=25-a%26b%3Dc%2Fd+%C3%BC', key: KEY },
  ]);
});

describe('a status', () => {
  it.each(['success', 'succeeded', 'completed', 'SUCCESS', 'Completed'])(
    '“%s” is a success',
    async (status) => {
      expect(await statusFor({ status, ...lists })).toEqual({ kind: 'succeeded', images: [ONE, TWO] });
      expect(unseen).toEqual([]);
    },
  );

  it.each(['error', 'failed', 'cancelled', 'canceled', 'ERROR'])('“%s” is a failure', async (status) => {
    expect(await statusFor({ status, msg: 'no face' })).toEqual({ kind: 'failed', message: 'no face' });
    expect(unseen).toEqual([]);
  });

  it.each(['in_progress', 'processing', 'pending', 'queued', 'In_Progress'])(
    '“%s” is running',
    async (status) => {
      expect(await statusFor({ status })).toEqual({ kind: 'running' });
      expect(unseen).toEqual([]);
    },
  );

  it.each([
    ['reviewing', 'reviewing'],
    ['', 'not a plain word'],
    [2, '2'],
    ['x'.repeat(1_000), 'not a plain word'],
  ])('that is unknown counts as running, and is reported (%#)', async (status, reported) => {
    expect(await statusFor({ status })).toEqual({ kind: 'running' });
    expect(unseen).toEqual([reported]);
  });
});

describe('the images of a success', () => {
  const imagesOf = (data: object) => statusFor({ status: 'success', ...data });

  it.each([
    ['fewer keys than URLs', { ...lists, image_key_list: [ONE.key] }, [ONE, { url: TWO.url }]],
    ['more keys than URLs', { ...lists, image_key_list: ['k1', 'k2', 'k3'] }, [ONE, TWO]],
    ['no list of keys', { image_url_list: [ONE.url] }, [{ url: ONE.url }]],
    ['keys that are not a list', { image_url_list: [ONE.url], image_key_list: 'k1' }, [{ url: ONE.url }]],
    ['an empty list', { image_url_list: [], image_key_list: [] }, []],
    ['no list', {}, []],
    ['null instead of a list', { image_url_list: null, image_key_list: null }, []],
  ])('may come with %s', async (_, data, images) => {
    expect(await imagesOf(data)).toEqual({ kind: 'succeeded', images });
    expect(unseen).toEqual([]);
  });

  it.each([
    ['null', null],
    ['empty', ''],
    ['a number', 7],
    ['too long', `https://res.jogg.ai/${'x'.repeat(5_000)}`],
  ])('are kept with their keys if one of them is %s', async (_, odd) => {
    const data = { image_url_list: [odd, TWO.url], image_key_list: [ONE.key, TWO.key] };
    expect(await imagesOf(data)).toEqual({ kind: 'succeeded', images: [TWO] });
    expect(unseen).toEqual(['success, 1 of 2 images readable']);
  });

  it.each([
    ['a text', ONE.url],
    ['an object', { 0: ONE.url }],
    ['a list without a readable URL', [null, '']],
  ])('are read again if they are %s', async (_, urls) => {
    expect(await imagesOf({ image_url_list: urls })).toEqual({
      kind: 'unavailable',
      cause: 'a success with unreadable images',
    });
  });

  it('are limited so that they fit a DynamoDB item', async () => {
    const long = `https://res.jogg.ai/${'x'.repeat(4_000)}`;
    const image_url_list = Array.from({ length: 200 }, () => long);
    const image_key_list = image_url_list.map(() => 'k'.repeat(512));
    const found = await imagesOf({ image_url_list, image_key_list });
    expect(found).toMatchObject({ kind: 'succeeded', images: { length: 32 } });
    expect(JSON.stringify(found).length).toBeLessThan(200 * 1024);
    expect(unseen).toEqual(['success, 200 of 200 images readable']);
  });
});

describe('the message of a failure', () => {
  it('is shortened', async () => {
    const found = await statusFor({ status: 'error', msg: 'x'.repeat(500_000) });
    expect(found).toEqual({ kind: 'failed', message: 'x'.repeat(1_000) });
  });

  it('does not contain the key, even if JoggAI repeats it', async () => {
    const found = await statusFor({ status: 'error', msg: `key ${KEY} is odd` });
    expect(found).toEqual({ kind: 'failed', message: 'key (the API key) is odd' });
  });

  it.each([null, undefined, 7, { text: 'no' }])('may be missing (%s)', async (msg) => {
    expect(await statusFor({ status: 'error', msg })).toEqual({ kind: 'failed', message: '' });
  });

  it('is not that of the envelope', async () => {
    expect(await statusFor({ status: 'error' }, { msg: 'Success' })).toEqual({ kind: 'failed', message: '' });
  });
});

describe('the status is unavailable after', () => {
  const unavailable = async (given: typeof answer) => {
    answer = given;
    const found = await reads().generationStatus('photo-1', KEY);
    expect(found.kind).toBe('unavailable');
    expect(JSON.stringify(found)).not.toContain(KEY);
    return 'cause' in found ? found.cause : undefined;
  };

  it.each([10104, 10105, 50000, 429, 77777])('code %i', async (code) => {
    const body = JSON.stringify({ code, msg: `about ${KEY}`, data: { status: 'error' } });
    expect(await unavailable({ body })).toBe(`code ${code}`);
    expect(await unavailable({ body, status: 500 })).toBe(`code ${code}`);
  });

  it.each([
    [500, '<html>'],
    [502, ''],
    [404, 'not found'],
    [200, '[]'],
    [200, '{"code":"0"}'],
    [302, ''],
  ])('HTTP %i with “%s”', async (status, body) => {
    expect(await unavailable({ status, body })).toBe(`HTTP ${status} without a readable body`);
  });

  it.each([null, undefined, [], 'success', {}, { status: null }, { status: ['success'] }])(
    'an envelope with %j',
    async (data) => {
      expect(await unavailable({ body: envelopeOf(data) })).toBe('an answer without a status');
    },
  );

  it('a reset or refused connection, or no answer in time', async () => {
    expect(await unavailable('reset')).toBe('ECONNRESET');
    expect(await reads({ baseUrl: 'http://127.0.0.1:1' }).generationStatus('photo-1', KEY)).toEqual({
      kind: 'unavailable',
      cause: 'ECONNREFUSED',
    });
    requests.length = 0;
    expect(await readWithoutAnswer((api) => api.generationStatus('photo-1', KEY))).toEqual({
      kind: 'unavailable',
      cause: 'no answer within 3600 s',
    });
  });

  it('an answer that is too large', async () => {
    expect(await unavailable({ body: 'x'.repeat(2 * 1024 * 1024) })).toBe(
      'an answer of more than 1048576 bytes',
    );
  });
});

describe('the credits left', () => {
  const creditsOf = (given: typeof answer) => {
    answer = given;
    return reads().creditsLeft(KEY);
  };

  it.each([
    [1000.5, 1000.5],
    [0, 0],
    ['12.3', 12.3],
  ])('are read from %j', async (quota, credits) => {
    expect(await creditsOf({ body: envelopeOf({ remaining_quota: quota }) })).toBe(credits);
    expect(requests).toEqual([{ method: 'GET', path: '/v2/user/remaining_quota', key: KEY }]);
  });

  it.each([null, undefined, '', 'many', true, [], {}])(
    'are unknown, not 0, if JoggAI reports %j',
    async (quota) => {
      expect(await creditsOf({ body: envelopeOf({ remaining_quota: quota }) })).toBeUndefined();
    },
  );

  it('are unknown without a readable answer', async () => {
    const refused = JSON.stringify({ code: 10105, msg: '', data: { remaining_quota: 5 } });
    for (const failure of [{ body: refused }, { body: '', status: 500 }, 'reset'] as const) {
      expect(await creditsOf(failure)).toBeUndefined();
    }
    requests.length = 0;
    expect(await readWithoutAnswer((api) => api.creditsLeft(KEY))).toBeUndefined();
  });
});
