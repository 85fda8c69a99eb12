import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createJoggAiReads } from '../../lambda/adapters/joggai-free.ts';
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
const asked: {
  readonly path: string | undefined;
  readonly method: string | undefined;
  readonly key: unknown;
}[] = [];
beforeAll(async () => {
  server = await listen(
    createHandlerServer(async (request, response) => {
      asked.push({ path: request.url, method: request.method, key: request.headers['x-api-key'] });
      if (answer === 'reset') request.socket.resetAndDestroy();
      else if (answer !== 'silence') response.writeHead(answer.status ?? 200).end(answer.body);
    }),
  );
});
afterEach(() => {
  vi.useRealTimers();
  asked.length = 0;
});
afterAll(() => server.close());

const KEY = 'key-that-nobody-may-see';
const unseen: string[] = [];
afterEach(() => {
  unseen.length = 0;
});

const reads = ({ baseUrl = server.url, timeoutMs = HANG_MS } = {}) =>
  createJoggAiReads({ baseUrl, onUnseenStatus: (status) => unseen.push(status), timeoutMs });

const HOUR_MS = 3_600_000;

/** Reads where no answer comes, until the time is up: an hour, as waiting for the request lets a moment of it pass. */
const readInSilence = async <Result>(read: (api: FreeApi) => Promise<Result>): Promise<Result> => {
  answer = 'silence';
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const result = read(reads({ timeoutMs: HOUR_MS }));
  await eventuallyTrue(() => asked.length > 0);
  vi.advanceTimersByTime(HOUR_MS);
  return result;
};

const envelopeOf = (data: unknown, fields: object = {}) =>
  JSON.stringify({ code: 0, msg: 'Success', data, ...fields });

/** A look at a generation of which JoggAI says this. */
const look = (data: unknown, fields: object = {}) => {
  answer = { body: envelopeOf(data, fields) };
  return reads().photo('photo-1', KEY);
};

const ONE = { url: 'https://res.jogg.ai/1.png', key: 'k1' };
const TWO = { url: 'https://res.jogg.ai/2.png', key: 'k2' };
const lists = {
  image_url_list: [ONE.url, TWO.url],
  image_key_list: [ONE.key, TWO.key],
};

it('a look is a GET with the key and the photo’s id, whatever is in it', async () => {
  answer = { body: envelopeOf({ status: 'in_progress' }) };
  await reads().photo('25-a&b=c/d ü', KEY);
  expect(asked).toEqual([
    { method: 'GET', path: '/v2/photo_avatar/photo?photo_id=25-a%26b%3Dc%2Fd+%C3%BC', key: KEY },
  ]);
});

describe('a status', () => {
  it.each(['success', 'succeeded', 'completed', 'SUCCESS', 'Completed'])(
    '“%s” is a success',
    async (status) => {
      expect(await look({ status, ...lists })).toEqual({ kind: 'succeeded', images: [ONE, TWO] });
      expect(unseen).toEqual([]);
    },
  );

  it.each(['error', 'failed', 'cancelled', 'canceled', 'ERROR'])('“%s” is a failure', async (status) => {
    expect(await look({ status, msg: 'no face' })).toEqual({ kind: 'failed', message: 'no face' });
    expect(unseen).toEqual([]);
  });

  it.each(['in_progress', 'processing', 'pending', 'queued', 'In_Progress'])(
    '“%s” goes on',
    async (status) => {
      expect(await look({ status })).toEqual({ kind: 'running' });
      expect(unseen).toEqual([]);
    },
  );

  it.each([
    ['reviewing', 'reviewing'],
    ['', ''],
    [2, '2'],
    ['x'.repeat(1_000), 'x'.repeat(40)],
  ])('that nobody has seen yet goes on, and is told of (%#)', async (status, told) => {
    expect(await look({ status })).toEqual({ kind: 'running' });
    expect(unseen).toEqual([told]);
  });
});

describe('the pictures of a success', () => {
  const picturesOf = (data: object) => look({ status: 'success', ...data });

  it.each([
    ['fewer keys than addresses', { ...lists, image_key_list: [ONE.key] }, [ONE, { url: TWO.url }]],
    ['more keys than addresses', { ...lists, image_key_list: ['k1', 'k2', 'k3'] }, [ONE, TWO]],
    ['no list of keys', { image_url_list: [ONE.url] }, [{ url: ONE.url }]],
    ['keys that are no list', { image_url_list: [ONE.url], image_key_list: 'k1' }, [{ url: ONE.url }]],
    ['a list that is empty', { image_url_list: [], image_key_list: [] }, []],
    ['no list', {}, []],
    ['null for a list', { image_url_list: null, image_key_list: null }, []],
  ])('may come with %s', async (_, data, images) => {
    expect(await picturesOf(data)).toEqual({ kind: 'succeeded', images });
    expect(unseen).toEqual([]);
  });

  it.each([
    ['null', null],
    ['empty', ''],
    ['a number', 7],
    ['of no end', `https://res.jogg.ai/${'x'.repeat(5_000)}`],
  ])('are not lost because one of them is %s, and keep their keys', async (_, odd) => {
    const data = { image_url_list: [odd, TWO.url], image_key_list: [ONE.key, TWO.key] };
    expect(await picturesOf(data)).toEqual({ kind: 'succeeded', images: [TWO] });
    expect(unseen).toEqual(['success, 1 of 2 pictures readable']);
  });

  it.each([
    ['a text', ONE.url],
    ['an object', { 0: ONE.url }],
    ['a list of which nothing can be read', [null, '']],
  ])('are asked for again when they come as %s', async (_, urls) => {
    expect(await picturesOf({ image_url_list: urls })).toEqual({
      kind: 'unavailable',
      cause: 'a success whose pictures cannot be read',
    });
  });

  it('are so many and so long at most that an item of the ledger holds them', async () => {
    const long = `https://res.jogg.ai/${'x'.repeat(4_000)}`;
    const image_url_list = Array.from({ length: 200 }, () => long);
    const image_key_list = image_url_list.map(() => 'k'.repeat(512));
    const found = await picturesOf({ image_url_list, image_key_list });
    expect(found).toMatchObject({ kind: 'succeeded', images: { length: 32 } });
    expect(JSON.stringify(found).length).toBeLessThan(200 * 1024);
    expect(unseen).toEqual(['success, 200 of 200 pictures readable']);
  });
});

describe('the words of a failure', () => {
  it('are cut short', async () => {
    const found = await look({ status: 'error', msg: 'x'.repeat(500_000) });
    expect(found).toEqual({ kind: 'failed', message: 'x'.repeat(1_000) });
  });

  it('do not hold the key, though JoggAI may repeat it', async () => {
    const found = await look({ status: 'error', msg: `key ${KEY} is odd` });
    expect(found).toEqual({ kind: 'failed', message: 'key (the API key) is odd' });
  });

  it.each([null, undefined, 7, { text: 'no' }])('may be missing (%s)', async (msg) => {
    expect(await look({ status: 'error', msg })).toEqual({ kind: 'failed', message: '' });
  });

  it('are not those of the envelope', async () => {
    expect(await look({ status: 'error' }, { msg: 'Success' })).toEqual({ kind: 'failed', message: '' });
  });
});

describe('no answer about the generation is', () => {
  const unavailable = async (given: typeof answer) => {
    answer = given;
    const found = await reads().photo('photo-1', KEY);
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
    'an envelope around %j',
    async (data) => {
      expect(await unavailable({ body: envelopeOf(data) })).toBe('an answer without a status');
    },
  );

  it('a connection that is reset, refused, or silent for too long', async () => {
    expect(await unavailable('reset')).toBe('ECONNRESET');
    expect(await reads({ baseUrl: 'http://127.0.0.1:1' }).photo('photo-1', KEY)).toEqual({
      kind: 'unavailable',
      cause: 'ECONNREFUSED',
    });
    asked.length = 0;
    expect(await readInSilence((api) => api.photo('photo-1', KEY))).toEqual({
      kind: 'unavailable',
      cause: 'no answer within 3600 s',
    });
  });

  it('an answer without end', async () => {
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
    expect(asked).toEqual([{ method: 'GET', path: '/v2/user/remaining_quota', key: KEY }]);
  });

  it.each([null, undefined, '', 'many', true, [], {}])(
    'are not known, and not 0, where JoggAI says %j',
    async (quota) => {
      expect(await creditsOf({ body: envelopeOf({ remaining_quota: quota }) })).toBeUndefined();
    },
  );

  it('are not known without a good answer', async () => {
    const refused = JSON.stringify({ code: 10105, msg: '', data: { remaining_quota: 5 } });
    for (const bad of [{ body: refused }, { body: '', status: 500 }, 'reset'] as const) {
      expect(await creditsOf(bad)).toBeUndefined();
    }
    asked.length = 0;
    expect(await readInSilence((api) => api.creditsLeft(KEY))).toBeUndefined();
  });
});
