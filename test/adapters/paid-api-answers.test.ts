import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { listen, type RunningServer } from '../../local/server.ts';
import type { FaultInput } from '../../local/simulator/faults.ts';
import type { SettingsPatch } from '../../local/simulator/settings.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { API_KEY, callJoggAi } from '../support/joggai-client.ts';
import { AVATAR } from '../support/requests.ts';

let simulator: Simulator;
beforeAll(async () => {
  // A fixed time: the wait time of a 429 depends on it.
  simulator = await startSimulator({ now: () => 0 });
});
afterEach(() => simulator.control.reset());
afterAll(() => simulator.close());

const whenAccountIs = async (settings: SettingsPatch, apiKey = API_KEY) => {
  simulator.control.configure(settings);
  return callJoggAi(simulator.url, { apiKey });
};
const charges = () => simulator.control.state().charges;

describe('an answer for an account', () => {
  it('that may call is a photo_id, and is charged', async () => {
    const { outcome, answer } = await callJoggAi(simulator.url);
    expect(outcome).toEqual({ kind: 'accepted', photoId: expect.stringMatching(/^25-/) });
    expect(answer).toMatchObject({ httpStatus: 200, code: 0, rateLimitRemaining: '19' });
    expect(charges()).toBe(1);
  });

  it.each<[string, SettingsPatch, string, Outcome]>([
    [
      'without credit',
      { credits: 0.1 },
      API_KEY,
      { kind: 'refused', reason: 'insufficient_credit', code: 18020, message: 'Insufficient credit' },
    ],
    [
      'without permission',
      { permission: false },
      API_KEY,
      { kind: 'refused', reason: 'no_permission', code: 18025, message: 'No permission to call APIs' },
    ],
    [
      'with another key',
      {},
      'another-key',
      { kind: 'refused', reason: 'invalid_key', code: 10105, message: 'Invalid API key' },
    ],
  ])('%s is a refusal, and is not charged', async (_, settings, apiKey, expected) => {
    expect((await whenAccountIs(settings, apiKey)).outcome).toEqual(expected);
    expect(charges()).toBe(0);
  });
});

describe('a 429', () => {
  const rate = { limit: 1, windowMs: 30_000 };
  const secondCall = async (patch: SettingsPatch['rate']) => {
    simulator.control.configure({ rate: { ...rate, ...patch } });
    await callJoggAi(simulator.url);
    return callJoggAi(simulator.url);
  };

  describe.each([200, 429] as const)('under HTTP status %i', (httpStatus) => {
    it.each(['body', 'data', 'header'] as const)('names the wait time in its %s', async (retryAfter) => {
      const { outcome } = await secondCall({ httpStatus, retryAfter });
      expect(outcome).toEqual({ kind: 'rate_limited', retryAfterSeconds: 30 });
      expect(charges()).toBe(1);
    });

    it('that does not name a wait time means a minute', async () => {
      const { outcome, answer } = await secondCall({ httpStatus, retryAfter: 'none' });
      expect(outcome).toEqual({ kind: 'rate_limited', retryAfterSeconds: 60 });
      expect(answer).toMatchObject({ httpStatus, code: 429 });
    });
  });

  it('may be an HTTP status only, with an unreadable body', async () => {
    simulator.control.addFault({ kind: 'http_error', status: 429 });
    const { outcome } = await callJoggAi(simulator.url);
    expect(outcome).toEqual({ kind: 'rate_limited', retryAfterSeconds: 60 });
  });

  it('may be an HTTP status with an undocumented code', async () => {
    simulator.control.addFault({ kind: 'code', code: 12345, status: 429 });
    expect((await callJoggAi(simulator.url)).outcome.kind).toBe('rate_limited');
  });
});

describe('a code', () => {
  it.each<[number, number, Outcome]>([
    [40000, 200, { kind: 'refused', reason: 'invalid_parameters', code: 40000, message: 'text' }],
    [40000, 400, { kind: 'refused', reason: 'invalid_parameters', code: 40000, message: 'text' }],
    [10105, 401, { kind: 'refused', reason: 'invalid_key', code: 10105, message: 'text' }],
    [18020, 402, { kind: 'refused', reason: 'insufficient_credit', code: 18020, message: 'text' }],
    [18025, 403, { kind: 'refused', reason: 'no_permission', code: 18025, message: 'text' }],
    [18020, 503, { kind: 'refused', reason: 'insufficient_credit', code: 18020, message: 'text' }],
    [50000, 200, { kind: 'failed', code: 50000, message: 'text' }],
    [50000, 500, { kind: 'failed', code: 50000, message: 'text' }],
    [10104, 200, { kind: 'failed', code: 10104, message: 'text' }],
    [98765, 200, { kind: 'failed', code: 98765, message: 'text' }],
    [98765, 404, { kind: 'failed', code: 98765, message: 'text' }],
    [-1, 200, { kind: 'failed', code: -1, message: 'text' }],
    [0, 200, { kind: 'no_answer', cause: 'code 0 without a photo_id' }],
    [0, 500, { kind: 'no_answer', cause: 'code 0 without a photo_id' }],
  ])('of %i is read at any HTTP status, such as %i', async (code, status, expected) => {
    simulator.control.addFault({ kind: 'code', code, status, msg: 'text' });
    const { outcome, answer } = await callJoggAi(simulator.url);
    expect(outcome).toEqual(expected);
    expect(answer).toMatchObject({ httpStatus: status, code });
  });
});

describe('an answer that cannot be read', () => {
  it.each<[FaultInput, Outcome]>([
    ...[400, 401, 403, 404, 413, 499].map((status): [FaultInput, Outcome] => [
      { kind: 'http_error', status },
      { kind: 'http_rejected', httpStatus: status },
    ]),
    ...[500, 502, 503, 504, 599].map((status): [FaultInput, Outcome] => [
      { kind: 'http_error', status },
      { kind: 'no_answer', cause: `HTTP ${status} without a readable body` },
    ]),
    [{ kind: 'garbage' }, { kind: 'no_answer', cause: 'HTTP 200 without a readable body' }],
    [
      { kind: 'garbage', status: 404 },
      { kind: 'http_rejected', httpStatus: 404 },
    ],
    [{ kind: 'empty' }, { kind: 'no_answer', cause: 'HTTP 200 without a readable body' }],
    [
      { kind: 'empty', status: 302 },
      { kind: 'no_answer', cause: 'HTTP 302 without a readable body' },
    ],
    [
      { kind: 'empty', status: 503 },
      { kind: 'no_answer', cause: 'HTTP 503 without a readable body' },
    ],
  ])('(%j) is classified by its HTTP status', async (fault, expected) => {
    simulator.control.addFault(fault);
    expect((await callJoggAi(simulator.url)).outcome).toEqual(expected);
  });
});

describe('an answer of an undocumented shape', () => {
  let server: RunningServer;
  let body = '';
  let headers: Record<string, string> = {};
  const requests: { request: IncomingMessage; body: string }[] = [];
  beforeAll(async () => {
    server = await listen(
      createServer((request, response) => {
        let sent = '';
        request.setEncoding('utf8').on('data', (chunk) => {
          sent += chunk;
        });
        request.on('end', () => {
          requests.push({ request, body: sent });
          response.writeHead(200, headers).end(body);
        });
      }),
    );
  });
  afterEach(() => {
    headers = {};
    requests.length = 0;
  });
  afterAll(() => server.close());

  const answered = async (text: string) => {
    body = text;
    return callJoggAi(server.url);
  };

  it.each<[string, Outcome]>([
    ['{"code":0,"data":{"photo_id":"p","more":1}}', { kind: 'accepted', photoId: 'p' }],
    ['{"code":0,"msg":null,"data":{"photo_id":"p"}}', { kind: 'accepted', photoId: 'p' }],
    ['{"code":50000}', { kind: 'failed', code: 50000, message: '' }],
    ['{"code":50000,"msg":{"a":1},"data":"x"}', { kind: 'failed', code: 50000, message: '' }],
    ['{"code":0,"data":{"photo_id":""}}', { kind: 'no_answer', cause: 'code 0 without a photo_id' }],
    ['{"code":0,"data":{"photo_id":7}}', { kind: 'accepted', photoId: '7' }],
    ['{"code":0,"data":[]}', { kind: 'no_answer', cause: 'code 0 without a photo_id' }],
    ['{"code":0}', { kind: 'no_answer', cause: 'code 0 without a photo_id' }],
    [
      '{"code":"0","data":{"photo_id":"p"}}',
      { kind: 'no_answer', cause: 'HTTP 200 without a readable body' },
    ],
    ['{"msg":"Success"}', { kind: 'no_answer', cause: 'HTTP 200 without a readable body' }],
    ['null', { kind: 'no_answer', cause: 'HTTP 200 without a readable body' }],
    ['[]', { kind: 'no_answer', cause: 'HTTP 200 without a readable body' }],
    ['{"code":429,"retryAfter":"7"}', { kind: 'rate_limited', retryAfterSeconds: 7 }],
    ['{"code":429,"retryAfter":1.2}', { kind: 'rate_limited', retryAfterSeconds: 2 }],
    ['{"code":429,"retryAfter":-5}', { kind: 'rate_limited', retryAfterSeconds: 60 }],
    ['{"code":429,"retryAfter":"soon"}', { kind: 'rate_limited', retryAfterSeconds: 60 }],
    ['{"code":429,"retryAfter":1e9}', { kind: 'rate_limited', retryAfterSeconds: 900 }],
  ])('(%s) is read leniently', async (text, expected) => {
    expect((await answered(text)).outcome).toEqual(expected);
  });

  it('whose Retry-After is a date means a wait of a minute', async () => {
    headers = { 'retry-after': 'Sun, 22 Nov 2026 12:00:00 GMT' };
    expect((await answered('{"code":429}')).outcome).toEqual({ kind: 'rate_limited', retryAfterSeconds: 60 });
  });

  it('is reported with its request id, without its message', async () => {
    const { answer } = await answered('{"code":50000,"rid":"rid-1","msg":"text of the caller"}');
    expect(answer).toMatchObject({ rid: 'rid-1', code: 50000, httpStatus: 200 });
    expect(JSON.stringify(answer)).not.toContain('text');
  });

  it('that is too large is not read completely', async () => {
    const { outcome } = await answered('x'.repeat(3 * 1024 * 1024));
    expect(outcome).toMatchObject({ kind: 'no_answer', cause: expect.stringContaining('more than') });
  });

  it('whose message is very long and repeats the key is shortened and does not contain the key', async () => {
    const msg = `Invalid API key ${API_KEY} ${'x'.repeat(500_000)}`;
    const { outcome } = await answered(JSON.stringify({ code: 10105, msg }));
    expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringMatching(/^Invalid API key /) });
    expect(JSON.stringify(outcome).length).toBeLessThan(2_000);
  });

  it('follows a request with exactly the fields of the contract, on a new connection', async () => {
    for (let count = 0; count < 3; count += 1) await answered('{"code":0,"data":{"photo_id":"p"}}');
    expect(new Set(requests.map(({ request }) => request.socket)).size).toBe(3);
    for (const { request, body: sent } of requests) {
      expect(`${request.method} ${request.url}`).toBe('POST /v2/photo_avatar/photo/generate');
      expect(request.headers).toEqual({
        'x-api-key': API_KEY,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(sent)),
        accept: 'application/json',
        host: new URL(server.url).host,
        connection: 'close',
      });
      expect(JSON.parse(sent)).toEqual(AVATAR);
    }
  });
});
