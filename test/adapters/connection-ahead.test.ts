import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPaidApi } from '../../lambda/adapters/joggai/paid-api.ts';
import { listen, type RunningServer } from '../../local/server.ts';
import { eventually, eventuallyTrue, HANG_MS } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';

const ACCEPTED = { code: 0, msg: 'Success', data: { photo_id: 'photo-1' } };

/** JoggAI, with each connection that was made to it, and the connection of each request. */
const joggai = { connections: [] as Socket[], open: 0, usedBy: [] as Socket[], bytes: 0 };

let server: RunningServer;
beforeEach(async () => {
  Object.assign(joggai, { connections: [], open: 0, usedBy: [], bytes: 0 });
  const http = createHttpServer((request: IncomingMessage, response) => {
    joggai.usedBy.push(request.socket);
    request.resume().once('end', () => response.end(JSON.stringify(ACCEPTED)));
  });
  http.on('connection', (socket) => {
    joggai.connections.push(socket);
    joggai.open += 1;
    socket.once('close', () => {
      joggai.open -= 1;
      joggai.bytes += socket.bytesRead;
    });
  });
  server = await listen(http);
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const givenPaidApi = () => {
  const time = { now: Date.UTC(2026, 10, 27) };
  const api = createPaidApi({ baseUrl: server.url, onAnswer() {}, clock: () => time.now });
  const call = () => api.generate(AVATAR, { apiKey: 'key', timeoutMs: HANG_MS, recordId: 'record-1' });
  const expectCall = async (): Promise<void> => {
    const before = joggai.connections.length;
    api.expectCall();
    await eventuallyTrue(() => joggai.connections.length > before);
  };
  return { api, call, expectCall, time };
};

describe('the connection of an expected call', () => {
  it('is opened before the call, and used by it alone', async () => {
    const { call, expectCall } = givenPaidApi();
    await expectCall();
    expect(joggai.usedBy).toEqual([]);
    expect(await call()).toMatchObject({ kind: 'accepted' });
    expect(await call()).toMatchObject({ kind: 'accepted' });
    expect(joggai.usedBy).toEqual(joggai.connections);
    expect(joggai.connections).toHaveLength(2);
  });

  it('is used while it is still being opened', async () => {
    const { api, call } = givenPaidApi();
    api.expectCall();
    await setImmediate();
    expect(await call()).toMatchObject({ kind: 'accepted' });
    expect(joggai.connections).toHaveLength(1);
  });

  it('is not opened if the call comes first', async () => {
    const { api, call } = givenPaidApi();
    api.expectCall();
    expect(await call()).toMatchObject({ kind: 'accepted' });
    expect(joggai.connections).toHaveLength(1);
    await eventuallyTrue(() => joggai.open === 0);
  });

  it('is one, although the next call is expected before it was opened', async () => {
    const { api, call } = givenPaidApi();
    api.expectCall();
    const first = call();
    api.expectCall();
    await first;
    await call();
    expect(joggai.connections).toHaveLength(2);
  });

  it('is one for two calls at the same time, of which the second opens its own', async () => {
    const { api, call } = givenPaidApi();
    api.expectCall();
    api.expectCall();
    await setImmediate();
    expect(await Promise.all([call(), call()])).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
    expect(joggai.connections).toHaveLength(2);
  });

  it('is closed after a second without a call, and nothing was sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { expectCall } = givenPaidApi();
    await expectCall();
    vi.advanceTimersByTime(999);
    expect(joggai.open).toBe(1);
    vi.advanceTimersByTime(1);
    await eventuallyTrue(() => joggai.open === 0);
    expect(joggai.bytes).toBe(0);
  });

  it('is replaced if the process was frozen for a second, whatever the timers say', async () => {
    const { call, expectCall, time } = givenPaidApi();
    await expectCall();
    time.now += 1_000;
    expect(await call()).toMatchObject({ kind: 'accepted' });
    expect(joggai.usedBy).toEqual(joggai.connections.slice(1));
    await eventually(() => expect(joggai.open).toBe(0));
  });

  it('is replaced if JoggAI closed it before the call', async () => {
    const { api, call, expectCall } = givenPaidApi();
    await expectCall();
    joggai.connections[0]?.end();
    await eventuallyTrue(() => joggai.open === 0);
    expect(await call()).toMatchObject({ kind: 'accepted' });
    api.expectCall();
    expect(await call()).toMatchObject({ kind: 'accepted' });
    expect(joggai.connections).toHaveLength(3);
  });

  it('is not opened again in vain: after one without a call, the next call opens its own', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { api, call, expectCall } = givenPaidApi();
    await expectCall();
    vi.advanceTimersByTime(1_000);
    api.expectCall();
    api.expectCall();
    await setImmediate();
    // One that was opened in vain would be closed now, and the call would open another.
    vi.advanceTimersByTime(1_000);
    await call();
    expect(joggai.connections).toHaveLength(2);
    await expectCall();
    expect(joggai.connections).toHaveLength(3);
  });
});

it('an expected call that JoggAI cannot be reached for says that nothing was sent', async () => {
  const api = createPaidApi({ baseUrl: 'http://127.0.0.1:1', onAnswer() {} });
  api.expectCall();
  await setImmediate();
  expect(await api.generate(AVATAR, { apiKey: 'key', timeoutMs: HANG_MS, recordId: 'record-1' })).toEqual({
    kind: 'not_sent',
    cause: 'ECONNREFUSED',
  });
});
