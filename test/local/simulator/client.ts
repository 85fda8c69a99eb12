import { connect } from 'node:net';
import { afterEach } from 'vitest';
import { SAMPLE_REQUEST } from '../../../local/sample-request.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../local/simulator/simulator.ts';

export const KEY = 'simulator-key';
export const AVATAR = SAMPLE_REQUEST;

const started: Simulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.close()));
});

/** A simulator that is closed after the test, with a client. */
export const start = async (options: SimulatorOptions = {}) => {
  const simulator = await startSimulator(options);
  started.push(simulator);
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(URL.canParse(path) ? path : `${simulator.url}${path}`, {
      headers: { 'x-api-key': KEY },
      ...init,
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  const get = async (path: string) => JSON.parse((await call(path)).body);
  const postRaw = (body: unknown = AVATAR, key = KEY) =>
    call('/v2/photo_avatar/photo/generate', {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const post = async (body?: unknown, key?: string) => JSON.parse((await postRaw(body, key)).body);
  return { ...simulator, call, get, post, postRaw };
};

/** Sends the start of a paid POST. @returns a function that resets the connection */
export const beginPost = (url: string): (() => void) => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const head = ['POST /v2/photo_avatar/photo/generate HTTP/1.1', 'host: localhost', `x-api-key: ${KEY}`];
  socket.write(`${head.join('\r\n')}\r\ncontent-length: 500\r\n\r\n{"age"`);
  return () => socket.resetAndDestroy();
};
