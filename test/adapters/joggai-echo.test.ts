import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFreeApi } from '../../lambda/adapters/joggai/free-api.ts';
import { createPaidApi, type JoggAiAnswer } from '../../lambda/adapters/joggai/paid-api.ts';
import { listen, type RunningServer } from '../../local/server.ts';
import { HANG_MS } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';

/** With characters that a URL and JSON escape. */
const KEY = 'secret/key+that="nobody"may\\see';
const GONE = '(the API key)';

let server: RunningServer;
let answer: { readonly body: string; readonly headers?: Record<string, string> };
beforeAll(async () => {
  server = await listen(
    createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200, answer.headers ?? {}).end(answer.body));
    }),
  );
});
afterAll(() => server.close());

const pay = async (body: unknown, headers: Record<string, string> = {}) => {
  answer = { body: typeof body === 'string' ? body : JSON.stringify(body), headers };
  const logged: JoggAiAnswer[] = [];
  const api = createPaidApi({
    baseUrl: server.url,
    onAnswer: (one) => logged.push(one),
    connectTimeoutMs: HANG_MS,
  });
  const outcome = await api.generate(AVATAR, { apiKey: KEY, timeoutMs: HANG_MS, recordId: 'record-1' });
  expect(logged).toHaveLength(1);
  return { outcome, logged: logged[0] };
};

const poll = async (data: object) => {
  answer = { body: JSON.stringify({ code: 0, msg: KEY, rid: KEY, data }) };
  const unseen: string[] = [];
  const api = createFreeApi({
    baseUrl: server.url,
    onUnseenStatus: (status) => unseen.push(status),
    timeoutMs: HANG_MS,
  });
  return { status: await api.generationStatus('photo-1', KEY), unseen };
};

describe('the API key, which JoggAI repeats', () => {
  it.each([
    ['the id of the photo', { code: 0, data: { photo_id: `25-${KEY}` } }, `25-${GONE}`],
    ['the message', { code: 50000, msg: `bad ${KEY}` }, `bad ${GONE}`],
    ['the message of a refusal', { code: 40000, msg: `${KEY}${KEY}` }, `${GONE}${GONE}`],
  ])('in %s is not kept', async (_, body, kept) => {
    const { outcome } = await pay(body);
    const { photoId, message } = Object(outcome);
    expect(photoId ?? message).toBe(kept);
  });

  it('in rid and in the header of the remaining calls is not logged', async () => {
    const { logged } = await pay(
      { code: 0, rid: KEY, data: { photo_id: 'p' } },
      { 'x-ratelimit-remaining': KEY },
    );
    expect(logged).toMatchObject({ rid: undefined, rateLimitRemaining: undefined });
  });

  it('in the URL or the key of an image is not kept, as it is or as a part of the URL', async () => {
    const url = `https://res.jogg.ai/1.png?key=${encodeURIComponent(KEY)}`;
    const { status } = await poll({
      status: 'success',
      image_url_list: [url, `https://res.jogg.ai/${KEY}`],
      image_key_list: [KEY, 'k2'],
    });
    expect(status).toEqual({
      kind: 'succeeded',
      images: [
        { url: `https://res.jogg.ai/1.png?key=${GONE}`, key: GONE },
        { url: `https://res.jogg.ai/${GONE}`, key: 'k2' },
      ],
    });
  });

  it('in the message of a failed generation is not kept', async () => {
    const { status } = await poll({ status: 'error', msg: `no face, ${KEY}` });
    expect(status).toEqual({ kind: 'failed', message: `no face, ${GONE}` });
  });
});

describe('an unknown status', () => {
  it.each([
    ['reviewing', 'reviewing'],
    ['ON_HOLD', 'on_hold'],
    [7, '7'],
    ['the woman with the scar', 'not a plain word'],
    ['x'.repeat(33), 'not a plain word'],
    ['', 'not a plain word'],
    [KEY, 'not a plain word'],
    ['kitchen\nscar', 'not a plain word'],
  ])('is reported only if it is a plain word: %j as %j', async (status, reported) => {
    expect((await poll({ status })).unseen).toEqual([reported]);
  });
});

describe("JoggAI's id of the request", () => {
  it.each(['rid-1', '0198:ab.c_D', '7'])('%s is logged', async (rid) => {
    expect((await pay({ code: 0, rid, data: { photo_id: 'p' } })).logged?.rid).toBe(rid);
  });

  it.each(['the woman with the scar', '', 'x'.repeat(201), 7, null])('%j is not', async (rid) => {
    expect((await pay({ code: 0, rid, data: { photo_id: 'p' } })).logged?.rid).toBeUndefined();
  });
});

describe('the header of the remaining calls', () => {
  it.each([
    ['19', '19'],
    ['-1', undefined],
    ['many', undefined],
    ['1'.repeat(10), undefined],
  ])('%s is logged as %s', async (header, logged) => {
    const paid = await pay({ code: 0, data: { photo_id: 'p' } }, { 'x-ratelimit-remaining': header });
    expect(paid.logged?.rateLimitRemaining).toBe(logged);
  });
});

describe('a photo_id that is a number', () => {
  it.each(['25', '9007199254740993', '123456789012345678901234567890'])(
    'is an id, with every digit: %s',
    async (id) => {
      const { outcome } = await pay(`{"code":0,"data":{"photo_id":${id}}}`);
      expect(outcome).toEqual({ kind: 'accepted', photoId: id });
    },
  );

  it.each(['0', '-1', '1.5', '1e3', 'true', 'null', '{}', '[]', '""', JSON.stringify('x'.repeat(513))])(
    'of %s is none, so the outcome is in doubt',
    async (id) => {
      const { outcome } = await pay(`{"code":0,"data":{"photo_id":${id}}}`);
      expect(outcome).toEqual({ kind: 'no_answer', cause: 'code 0 without a photo_id' });
    },
  );
});
