import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, createClient, isProblem } from '../../client/index.ts';
import type { ProblemName } from '../../lambda/http/problem.ts';
import { PROBLEMS, problemResponse } from '../../lambda/http/problem.ts';
import { createVirtualTiming, failureOf, type Script, startScripted } from '../support/client-world.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';

const HOUR_MS = 3_600_000;

const record = { id: 'one', version: 2, status: 'generating', charged: 'yes', history: [] };
const ACCEPTED: Script = { status: 201, body: record };

const problem = (name: ProblemName, headers: Record<string, string> = {}, extra = {}): Script => {
  const { statusCode, headers: common, body } = problemResponse(name, 'The detail of the problem.', extra);
  return { status: statusCode, headers: { ...common, ...headers }, body };
};

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const each of closing.splice(0)) await each.close();
});

/** Submits to a server that answers as told. */
const submitTo = async (script: readonly Script[], options: Partial<ClientOptions> = {}) => {
  const server = await startScripted(...script);
  closing.push(server);
  const timing = createVirtualTiming();
  const result = createClient({ url: server.url, timing, ...options }).submit(AVATAR);
  return { server, timing, result };
};

describe('submit', () => {
  it.each<[string, Script]>([
    ['no answer', 'reset'],
    ['the problem unavailable', problem('unavailable')],
    ["API Gateway's 503", { status: 503, body: { message: 'Service Unavailable' } }],
    ["API Gateway's 500", { status: 500, body: { message: 'Internal Server Error' } }],
    ["API Gateway's 429", { status: 429, body: { message: 'Too Many Requests' } }],
    ["a proxy's 408", { status: 408, body: '<html>' }],
  ])('is repeated after %s, with the same key and the same bytes', async (_, first) => {
    const { server, timing, result } = await submitTo([first, first, ACCEPTED]);
    const { idempotencyKey } = await result;
    expect(idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
    expect(server.received.map(({ headers }) => headers['idempotency-key'])).toEqual(
      Array(3).fill(idempotencyKey),
    );
    expect(new Set(server.received.map(({ body }) => body))).toEqual(new Set([JSON.stringify(AVATAR)]));
    // Half of the pause is chance: here, half of that half.
    expect(timing.waits).toEqual([187.5, 375]);
  });

  it.each(
    (Object.keys(PROBLEMS) as ProblemName[]).filter(
      (name) => name !== 'unavailable' && name !== 'not-recorded',
    ),
  )('is not repeated after the problem %s, whatever its status', async (name) => {
    const { server, timing, result } = await submitTo([problem(name)]);
    const error = await failureOf(result);
    expect(isProblem(error, name)).toBe(true);
    expect(error).toMatchObject({ status: PROBLEMS[name].status, isRepeatable: false });
    expect([server.received.length, timing.waits]).toEqual([1, []]);
  });

  it.each([400, 401, 403, 404, 413])(
    'is not repeated after HTTP %i of API Gateway, which charged nothing',
    async (status) => {
      const { result } = await submitTo([{ status, body: { message: 'No' } }]);
      expect(await failureOf(result)).toMatchObject({ type: undefined, status, charged: 'no' });
    },
  );

  it('keeps the key of the caller over all repeats', async () => {
    const server = await startScripted('reset', problem('unavailable'), ACCEPTED);
    closing.push(server);
    const client = createClient({ url: server.url, timing: createVirtualTiming() });
    const { idempotencyKey } = await client.submit(AVATAR, { idempotencyKey: 'order-4711' });
    expect(idempotencyKey).toBe('order-4711');
    expect(server.received.map(({ headers }) => headers['idempotency-key'])).toEqual(
      Array(3).fill('order-4711'),
    );
  });

  it('has a key even if it is never repeated, and each submission has its own', async () => {
    const server = await startScripted(ACCEPTED, ACCEPTED);
    closing.push(server);
    const client = createClient({ url: server.url, maxRetries: 0 });
    const keys = [await client.submit(AVATAR), await client.submit(AVATAR)].map((one) => one.idempotencyKey);
    expect(new Set(keys).size).toBe(2);
    expect(server.received.map(({ headers }) => headers['idempotency-key'])).toEqual(keys);
  });

  it('refuses a key that no header can carry, before anything is sent', async () => {
    const server = await startScripted();
    closing.push(server);
    const error = await failureOf(
      createClient({ url: server.url }).submit(AVATAR, { idempotencyKey: 'schlüssel 1' }),
    );
    expect(isProblem(error, 'invalid-header')).toBe(true);
    expect(error.charged).toBe('no');
  });

  it.each([
    [0, 1],
    [2, 3],
    [undefined, 5],
  ])('with maxRetries %s makes %i attempts', async (maxRetries, attempts) => {
    const { server, result } = await submitTo(Array(attempts).fill('reset'), { maxRetries });
    const error = await failureOf(result);
    expect(server.received).toHaveLength(attempts);
    expect(error).toMatchObject({ charged: 'unknown', isRepeatable: true, status: undefined });
    expect(error.message.replace('UND_ERR_SOCKET', 'ECONNRESET')).toBe(
      `No answer from ${server.url} (ECONNRESET). It may have been charged. Send it again with the same idempotency ` +
        `key, ${error.idempotencyKey}: then it is paid at most once.`,
    );
  });

  it('ends an attempt at its time limit, and repeats it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { server, result } = await submitTo(['silence', ACCEPTED], { attemptTimeoutMs: HOUR_MS });
    await eventuallyTrue(() => server.received.length === 1);
    vi.advanceTimersByTime(HOUR_MS);
    expect((await result).record.id).toBe('one');
    expect(server.received).toHaveLength(2);
  });

  it('was certainly not charged if nothing was sent, and the error names the code', async () => {
    const server = await startScripted();
    await server.close();
    const client = createClient({ url: server.url, timing: createVirtualTiming() });
    const error = await failureOf(client.submit(AVATAR));
    expect(error.message).toBe(
      `No answer from ${server.url} (ECONNREFUSED). Nothing was charged. Check the URL and the network.`,
    );
  });

  it('does not follow a redirection, which would send the request elsewhere', async () => {
    const elsewhere = await startScripted(ACCEPTED);
    closing.push(elsewhere);
    const { result } = await submitTo([{ status: 307, headers: { location: elsewhere.url } }]);
    expect(await failureOf(result)).toMatchObject({ charged: 'no', isRepeatable: false });
    expect(elsewhere.received).toEqual([]);
  });

  it.each(['<html>', '{"message":"hello"}', '[]', 'null'])(
    'may have been charged if the answer of success is %s',
    async (body) => {
      const { result } = await submitTo([{ status: 200, body }]);
      const error = await failureOf(result);
      expect(error).toMatchObject({ status: 200, charged: 'unknown', isRepeatable: false });
      expect(error.message).toContain('not as this API does. It may have been charged. Check the URL');
    },
  );
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '7', 7_000],
    ['a date', (now: number) => new Date(now + 90_000).toUTCString(), 90_000],
    ['a date that has passed', (now: number) => new Date(now - 90_000).toUTCString(), 187.5],
    ['the limit exactly', () => '120', 120_000],
    ['something else', () => 'soon', 187.5],
  ])('is obeyed before a repeat: %s', async (_, value, waited) => {
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const timing = createVirtualTiming(now);
    const { result } = await submitTo([problem('unavailable', { 'retry-after': value(now) }), ACCEPTED], {
      timing,
    });
    await result;
    expect(timing.waits).toEqual([waited]);
  });

  it.each([
    [undefined, '121', 121_000],
    [10_000, '11', 11_000],
  ])('above the limit of %s ms ends the call at once', async (maxRetryAfterMs, asked, retryAfterMs) => {
    const script = problem('unavailable', { 'retry-after': asked });
    const { timing, result } = await submitTo([script], { maxRetryAfterMs });
    expect(await failureOf(result)).toMatchObject({ type: 'unavailable', retryAfterMs, charged: 'unknown' });
    expect(timing.waits).toEqual([]);
  });

  it('of a problem that is not repeated is on the error', async () => {
    const { result } = await submitTo([problem('daily-limit-reached', { 'retry-after': '3600' })]);
    expect((await failureOf(result)).retryAfterMs).toBe(3_600_000);
  });
});

describe('what was charged after several attempts', () => {
  const refused: Script = { status: 403, body: { message: 'Forbidden' } };

  it('is unknown if only the repeat was refused: the first failure is thrown, the refusal is its cause', async () => {
    const { server, result } = await submitTo(['reset', refused]);
    const error = await failureOf(result);
    expect(error).toMatchObject({ charged: 'unknown', status: undefined });
    expect(error.message).toContain('Then: http');
    expect(error.message).toContain(`answered HTTP 403: Forbidden. It may have been charged.`);
    expect(error.cause).toMatchObject({ status: 403 });
    expect(server.received).toHaveLength(2);
  });

  it('is what the record says, if the last answer has it', async () => {
    const rejected = { ...record, status: 'rejected', charged: 'no' } as const;
    const { result } = await submitTo(['reset', problem('insufficient-credit', {}, { record: rejected })]);
    const error = await failureOf(result);
    expect(error).toMatchObject({ type: 'insufficient-credit', charged: 'no', record: rejected });
    expect(error.cause).toMatchObject({ charged: 'unknown' });
  });

  it('is nothing if every attempt was refused by API Gateway', async () => {
    const throttled: Script = { status: 429, body: { message: 'Too Many Requests' } };
    const { result } = await submitTo([throttled, throttled], { maxRetries: 1 });
    expect(await failureOf(result)).toMatchObject({ status: 429, charged: 'no', isRepeatable: true });
  });

  const outcome = problem('not-recorded', {}, { record: { ...record, photo_id: 'photo-1' } });
  const replay = (status: string): Script => ({
    status: 200,
    headers: { 'idempotency-replayed': 'true' },
    body: { ...record, status },
  });

  it.each(['submitting', 'in_doubt'])(
    'an outcome that was not recorded is not exchanged for a record that is %s',
    async (status) => {
      const { result } = await submitTo([outcome, replay(status)]);
      expect(await failureOf(result)).toMatchObject({
        type: 'not-recorded',
        charged: 'yes',
        record: { photo_id: 'photo-1' },
      });
    },
  );

  it('an outcome that was recorded late is returned', async () => {
    const { result } = await submitTo([outcome, replay('generating')]);
    expect(await result).toMatchObject({ replayed: true, record: { status: 'generating' } });
  });
});
