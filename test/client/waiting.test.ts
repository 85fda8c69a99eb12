import { afterEach, describe, expect, it } from 'vitest';
import { createClient, isWaitTimeout, type WaitOptions } from '../../client/index.ts';
import { REAL_TIMING } from '../../client/timing.ts';
import { problemResponse } from '../../lambda/http/problem.ts';
import { createVirtualTiming, failureOf, type Script, startScripted } from '../support/client-world.ts';
import { AVATAR } from '../support/requests.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

let version = 0;
/** An answer with a newer version of the record. */
const reading = (status: string, extra: object = {}, headers: Record<string, string> = {}): Script => {
  version += 1;
  return {
    status: 200,
    headers,
    body: { id: 'one', version, status, charged: 'yes', history: [], ...extra },
  };
};
const unavailable = (): Script => {
  const { statusCode, headers, body } = problemResponse('unavailable', 'A service did not answer.');
  return { status: statusCode, headers, body };
};

/** Waits for a record at a server that answers as told. */
const waitWith = async (script: readonly Script[], options: WaitOptions = {}) => {
  const server = await startScripted(...script);
  closing.push(server);
  const timing = createVirtualTiming();
  const waiting = createClient({ url: server.url, timing }).waitFor('one', options);
  return { server, timing, waiting };
};

describe('a wait', () => {
  it.each(['succeeded', 'failed', 'rejected', 'in_doubt', 'cancelled'])(
    'ends at once for a request that is %s',
    async (status) => {
      const { timing, waiting } = await waitWith([reading(status)]);
      expect((await waiting).status).toBe(status);
      expect(timing.waits).toEqual([]);
    },
  );

  it('asks about a generation every 2 to 10 seconds, the longer it takes the less often', async () => {
    const same = reading('generating');
    const { timing, waiting } = await waitWith([...Array(6).fill(same), reading('succeeded')]);
    await waiting;
    expect(timing.waits).toEqual([2_000, 3_000, 4_500, 6_750, 10_000, 10_000]);
  });

  it('asks less often while the request is queued: the service submits once a minute', async () => {
    const { timing, waiting } = await waitWith([reading('queued'), reading('queued'), reading('rejected')]);
    await waiting;
    expect(timing.waits).toEqual([15_000, 15_000]);
  });

  it('waits as long as the answer asks for', async () => {
    const script = reading('generating', {}, { 'retry-after': '40' });
    const { timing, waiting } = await waitWith([script, reading('succeeded')]);
    await waiting;
    expect(timing.waits).toEqual([40_000]);
  });

  it('goes on at a status that it does not know', async () => {
    const { timing, waiting } = await waitWith([reading('polishing'), reading('succeeded')]);
    expect((await waiting).status).toBe('succeeded');
    expect(timing.waits).toEqual([2_000]);
  });

  it('goes on after a read that failed for now', async () => {
    const throttled: Script = { status: 429, body: { message: 'Too Many Requests' } };
    const { waiting } = await waitWith(['reset', unavailable(), throttled, reading('succeeded')]);
    expect((await waiting).status).toBe('succeeded');
  });

  it.each([
    ['the record does not exist', 404],
    ['the caller may not read it', 403],
  ])('fails if %s', async (_, status) => {
    const { timing, waiting } = await waitWith([{ status, body: { message: 'No' } }]);
    expect((await failureOf(waiting)).status).toBe(status);
    expect(timing.waits).toEqual([]);
  });

  it('tells each version once', async () => {
    const versions: number[] = [];
    const same = reading('generating');
    const first = version;
    const { waiting } = await waitWith([reading('queued'), same, same, reading('succeeded')], {
      onChange: (record) => versions.push(record.version),
    });
    await waiting;
    expect(versions).toEqual([first + 1, first, first + 2]);
  });

  it('has one request in flight at most', async () => {
    let inFlight = 0;
    let most = 0;
    const server = await startScripted(reading('queued'), reading('generating'), reading('succeeded'));
    closing.push(server);
    const client = createClient({
      url: server.url,
      timing: createVirtualTiming(),
      fetch: async (...request) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        return fetch(...request).finally(() => {
          inFlight -= 1;
        });
      },
    });
    await client.waitFor('one');
    expect([most, inFlight]).toEqual([1, 0]);
  });

  it('reads once more at its time limit, then says how to go on, and cancels nothing', async () => {
    const same = reading('generating');
    const { server, timing, waiting } = await waitWith([same, same, same], { timeoutMs: 4_000 });
    const error = await failureOf(waiting);
    expect(isWaitTimeout(error)).toBe(true);
    expect(error).toMatchObject({ charged: 'yes', record: { status: 'generating' }, isRepeatable: true });
    expect(error.message).toBe(
      'Photo avatar one is still generating after 4 s. It continues at the service. Wait again for one, or cancel it ' +
        'while it is queued.',
    );
    expect(timing.waits).toEqual([2_000, 2_000]);
    expect(new Set(server.received.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('ends at its time limit although every read failed', async () => {
    const { waiting } = await waitWith(Array(3).fill('reset'), { timeoutMs: 5_000 });
    const error = await failureOf(waiting);
    expect(isWaitTimeout(error)).toBe(true);
    expect(error.message).toContain('could not be read');
    expect(error.cause).toMatchObject({ name: 'PhotoAvatarsError' });
  });

  it('ends at its time limit although an answer is overdue', async () => {
    const { waiting } = await waitWith([reading('generating'), 'silence'], { timeoutMs: 1_000 });
    expect(isWaitTimeout(await failureOf(waiting))).toBe(true);
  });

  it('for copies ends when each image has its copy or was refused one', async () => {
    const copy = { key: 'images/one/1.png', content_type: 'image/png', bytes: 1 };
    const images = (...states: object[]) => ({ images: states.map((state) => ({ url: 'u', ...state })) });
    const { timing, waiting } = await waitWith(
      [
        reading('succeeded', images({}, {})),
        reading('succeeded', images({ copy }, {})),
        reading('succeeded', images({ copy }, { refused: 'too large' })),
      ],
      { copies: true },
    );
    expect((await waiting).images).toHaveLength(2);
    expect(timing.waits).toEqual([15_000, 15_000]);
  });
});

describe('an abort', () => {
  it('before a call sends nothing', async () => {
    const server = await startScripted();
    closing.push(server);
    const signal = AbortSignal.abort();
    const client = createClient({ url: server.url });
    for (const call of [
      client.submit(AVATAR, { signal }),
      client.get('one', { signal }),
      client.waitFor('one', { signal }),
    ]) {
      expect(await failureOf(call)).toMatchObject({
        name: 'AbortError',
        charged: 'no',
        cause: signal.reason,
      });
    }
    expect(server.received).toEqual([]);
  });

  it('during a submission ends it, and the error has the key to go on with', async () => {
    const server = await startScripted('silence');
    closing.push(server);
    const controller = new AbortController();
    const client = createClient({
      url: server.url,
      fetch: (...request) => {
        const answered = fetch(...request);
        controller.abort();
        return answered;
      },
    });
    const error = await failureOf(
      client.submit(AVATAR, { signal: controller.signal, idempotencyKey: 'order-1' }),
    );
    expect(error).toMatchObject({ name: 'AbortError', charged: 'unknown', idempotencyKey: 'order-1' });
    expect(error.message).toContain('same idempotency key, order-1');
  });

  it('during a pause ends it at once, and nothing more is sent', async () => {
    const server = await startScripted('reset');
    closing.push(server);
    const controller = new AbortController();
    const reason = new Error('The user left.');
    const timing = createVirtualTiming();
    timing.duringWaits(() => controller.abort(reason));
    const error = await failureOf(
      createClient({ url: server.url, timing }).submit(AVATAR, { signal: controller.signal }),
    );
    expect(error).toMatchObject({ name: 'AbortError', charged: 'unknown', cause: reason });
    expect(server.received).toHaveLength(1);
  });

  const A_DAY = { 'retry-after': '86400' };

  it('ends a real pause of a day between two reads', async () => {
    const controller = new AbortController();
    const server = await startScripted(reading('generating', {}, A_DAY));
    closing.push(server);
    const waiting = createClient({ url: server.url }).waitFor('one', {
      signal: controller.signal,
      timeoutMs: 2 * 86_400_000,
      // The pause begins when this has returned.
      onChange: () => setTimeout(() => controller.abort()),
    });
    expect((await failureOf(waiting)).name).toBe('AbortError');
  });

  it('ends a real pause of a day before a repeat', async () => {
    const controller = new AbortController();
    const server = await startScripted({ status: 503, headers: A_DAY });
    closing.push(server);
    const client = createClient({
      url: server.url,
      maxRetryAfterMs: 2 * 86_400_000,
      timing: {
        ...REAL_TIMING,
        wait: (...pause) => {
          setTimeout(() => controller.abort());
          return REAL_TIMING.wait(...pause);
        },
      },
    });
    const error = await failureOf(client.submit(AVATAR, { signal: controller.signal }));
    expect([error.name, error.charged]).toEqual(['AbortError', 'unknown']);
  });
});
