import { readFileSync } from 'node:fs';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createRequire } from 'node:module';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { listen, type RunningServer } from '../../local/server.ts';
import type { FaultInput } from '../../local/simulator/faults.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { callJoggAi } from '../support/joggai-client.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.control.reset());
afterAll(() => simulator.close());

const HOUR_MS = 3_600_000;

/** Replaces this process's timers. `vi.waitFor` advances them by moments, but not by an hour. */
const stopTime = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

const servers: { close(): unknown }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A TCP server on a free port that handles each connection as given. */
const givenTcpServer = async (onConnection: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return address.port;
};

/** A server with an untrusted certificate, and the data that it received. */
const givenUntrustedServer = async (): Promise<{
  server: RunningServer;
  tls: TlsServer;
  requests: string[];
}> => {
  const require = createRequire(import.meta.url);
  const pem = (name: string) => readFileSync(require.resolve(`dynalite/ssl/${name}.pem`));
  const requests: string[] = [];
  const tls = createTlsServer({ key: pem('server-key'), cert: pem('server-crt') }, (request, response) => {
    requests.push(request.url ?? '');
    response.end('{"code":0,"data":{"photo_id":"p"}}');
  });
  tls.on('secureConnection', (socket) => socket.on('data', (data) => requests.push(data.toString())));
  const server = await listen(tls);
  servers.push(server);
  return { server, tls, requests };
};

describe('a call over TLS', () => {
  it('has a connection of its own, and resumes the TLS session of an earlier one', async () => {
    const { server, tls } = await givenUntrustedServer();
    const connections = new Set<Socket>();
    const isResumed: boolean[] = [];
    tls.on('secureConnection', (socket: TLSSocket) => {
      connections.add(socket);
      isResumed.push(socket.isSessionReused());
    });
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    for (let count = 0; count < 3; count += 1) {
      expect((await callJoggAi(server.url.replace('http:', 'https:'))).outcome.kind).toBe('accepted');
    }
    expect(connections.size).toBe(3);
    expect(isResumed).toEqual([false, true, true]);
  });
});

describe('nothing is sent', () => {
  it('if the connection is refused', async () => {
    const { outcome } = await callJoggAi('http://127.0.0.1:1');
    expect(outcome).toEqual({ kind: 'not_sent', cause: 'ECONNREFUSED' });
  });

  it('if the name has no address', async () => {
    // The label is too long, so that every resolver rejects it, also without a network.
    const { outcome } = await callJoggAi(`http://${'x'.repeat(64)}.invalid`);
    expect(outcome).toEqual({ kind: 'not_sent', cause: expect.stringMatching(/^(ENOTFOUND|EAI_)/) });
  });

  it('to a server that does not speak TLS', async () => {
    const { outcome } = await callJoggAi(simulator.url.replace('http:', 'https:'));
    expect(outcome).toEqual({ kind: 'not_sent', cause: expect.stringMatching(/./) });
    expect(simulator.control.state().calls).toEqual([]);
  });

  it('to a server with an untrusted certificate', async () => {
    const { server, requests } = await givenUntrustedServer();
    const { outcome } = await callJoggAi(server.url.replace('http:', 'https:'));
    expect(outcome).toEqual({ kind: 'not_sent', cause: expect.stringMatching(/CERT|SIGNATURE/) });
    expect(requests).toEqual([]);
  });

  it('if the connection is not established in time', async () => {
    // TCP connects at once; the TLS handshake gets no answer.
    const port = await givenTcpServer(() => {});
    const { outcome } = await callJoggAi(`https://127.0.0.1:${port}`, { connectTimeoutMs: 100 });
    expect(outcome).toEqual({ kind: 'not_sent', cause: 'no connection within 0.1 s' });
  });

  it('if the time limit of the call passes before the connection is established', async () => {
    const port = await givenTcpServer(() => {});
    const { outcome } = await callJoggAi(`https://127.0.0.1:${port}`, { timeoutMs: 100 });
    expect(outcome).toMatchObject({ kind: 'not_sent' });
  });

  it('if the connection is reset during the TLS handshake', async () => {
    const port = await givenTcpServer((socket) => socket.resetAndDestroy());
    const { outcome } = await callJoggAi(`https://127.0.0.1:${port}`);
    expect(outcome).toMatchObject({ kind: 'not_sent', cause: expect.stringMatching(/^E/) });
  });
});

describe('the charge is unknown', () => {
  it.each<[FaultInput, string]>([
    [{ kind: 'reset', when: 'before_charging' }, 'ECONNRESET'],
    [{ kind: 'reset', when: 'after_charging' }, 'ECONNRESET'],
    [{ kind: 'truncated' }, ''],
    [{ kind: 'garbage', when: 'after_charging' }, 'HTTP 200'],
    [{ kind: 'empty', when: 'after_charging' }, 'HTTP 200'],
    [{ kind: 'http_error', when: 'after_charging', status: 502 }, 'HTTP 502'],
    [{ kind: 'code', when: 'after_charging', code: 0 }, 'photo_id'],
  ])('after %j', async (fault, cause) => {
    simulator.control.addFault(fault);
    const { outcome } = await callJoggAi(simulator.url);
    expect(outcome).toEqual({ kind: 'no_answer', cause: expect.stringContaining(cause) });
    expect(simulator.control.state().calls).toHaveLength(1);
  });

  it.each<[FaultInput]>([
    [{ kind: 'hang', when: 'before_charging' }],
    [{ kind: 'hang', when: 'after_charging' }],
    [{ kind: 'delay', when: 'before_charging', milliseconds: 'until_cleared' }],
    [{ kind: 'slow', millisecondsPerByte: 3_600_000 }],
  ])('after the time limit, with %j', async (fault) => {
    simulator.control.addFault(fault);
    stopTime();
    const called = callJoggAi(simulator.url, { timeoutMs: HOUR_MS, connectTimeoutMs: HOUR_MS / 2 });
    await eventuallyTrue(() => simulator.control.state().calls[0]?.fault === fault.kind);
    vi.advanceTimersByTime(HOUR_MS);
    expect((await called).outcome).toEqual({ kind: 'no_answer', cause: 'no answer within 3600 s' });
    expect(simulator.control.state().calls).toHaveLength(1);
  });

  it('if the connection is closed instead of an answer', async () => {
    const port = await givenTcpServer((socket) => socket.once('data', () => socket.end()));
    expect((await callJoggAi(`http://127.0.0.1:${port}`)).outcome).toMatchObject({ kind: 'no_answer' });
  });

  it('if the answer is not HTTP', async () => {
    const port = await givenTcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')));
    expect((await callJoggAi(`http://127.0.0.1:${port}`)).outcome).toMatchObject({ kind: 'no_answer' });
  });
});

it('a slow answer within the time limit is read', async () => {
  simulator.control.addFault({ kind: 'slow', millisecondsPerByte: 1 });
  expect((await callJoggAi(simulator.url)).outcome).toMatchObject({ kind: 'accepted' });
});

it('a call closes its connection at the time limit', async () => {
  let open = 0;
  const port = await givenTcpServer((socket) => {
    open += 1;
    socket.resume().on('close', () => {
      open -= 1;
    });
  });
  stopTime();
  const called = callJoggAi(`http://127.0.0.1:${port}`, { timeoutMs: HOUR_MS, connectTimeoutMs: HOUR_MS });
  await eventuallyTrue(() => open === 1);
  vi.advanceTimersByTime(HOUR_MS);
  await called;
  await eventually(() => expect(open).toBe(0));
});
