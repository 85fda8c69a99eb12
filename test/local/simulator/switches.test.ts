import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { AVATAR, KEY, start } from './client.ts';

/** Sends one control request. `fetch` would replace the headers Host and Origin. */
const control = async (
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const sent = request(`${url}/_simulator${path}`, { method, headers, agent: false });
  const response = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', async (answer) => resolve({ status: answer.statusCode, body: await text(answer) }));
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return response;
};

describe('one control request', () => {
  it.each([
    ['ends the credit', 'PATCH', '/settings', { credits: 0 }, 18020],
    ['denies permission', 'PATCH', '/settings', { permission: false }, 18025],
    ['replaces the accepted keys', 'PATCH', '/settings', { apiKeys: ['another-key'] }, 10105],
  ] as const)('%s', async (_, method, path, body, code) => {
    const { url, post } = await start();
    expect((await control(url, method, path, body)).status).toBe(200);
    expect((await post()).code).toBe(code);
    expect((await post()).code).toBe(code);
    expect((await control(url, 'POST', '/reset')).status).toBe(204);
    expect((await post()).code).toBe(0);
  });

  it.each([10104, 10105, 18020, 18025, 40000, 50000, 429])(
    'makes the next three paid calls answer code %i without a charge',
    async (code) => {
      const { url, post, control: state } = await start();
      await control(url, 'POST', '/faults', { kind: 'code', code, times: 3 });
      const answers = [await post(), await post(), await post(), await post()];
      expect(answers.map((answer) => answer.code)).toEqual([code, code, code, 0]);
      expect(state.state()).toMatchObject({ received: 4, charges: 1, rejected: 3 });
    },
  );

  it.each([
    ['an HTTP error', { kind: 'http_error', status: 503 }, 503],
    ['garbage', { kind: 'garbage' }, 200],
    ['an empty answer', { kind: 'empty' }, 200],
  ])('makes the next two paid calls answer %s', async (_, fault, status) => {
    const { url, post, postRaw } = await start();
    await control(url, 'POST', '/faults', { ...fault, times: 2 });
    for (const answer of [await postRaw(), await postRaw()]) {
      expect(answer.status).toBe(status);
      expect(() => JSON.parse(answer.body)).toThrow();
    }
    expect((await post()).code).toBe(0);
  });

  it.each(['hang', 'reset'])('charges the next paid call and loses its answer: %s', async (kind) => {
    const { url, call, post, control: state } = await start();
    await control(url, 'POST', '/faults', { kind, when: 'after_charging' });
    const gaveUp = new AbortController();
    const lost = call('/v2/photo_avatar/photo/generate', {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: JSON.stringify(AVATAR),
      signal: gaveUp.signal,
    });
    const failure = expect(lost).rejects.toThrow();
    await eventually(() => expect(state.state().charges).toBe(1));
    gaveUp.abort();
    await failure;
    expect(state.state().calls).toMatchObject([{ fault: kind, charged: true, answer: null }]);
    expect((await post()).code).toBe(0);
  });

  it('delays every answer until the faults are cleared', async () => {
    const { url, post, control: state } = await start();
    await control(url, 'POST', '/faults', {
      kind: 'delay',
      milliseconds: 'until_cleared',
      times: 'until_cleared',
    });
    const delayed = [post(), post()];
    await eventually(() =>
      expect(state.state().calls).toMatchObject([{ fault: 'delay' }, { fault: 'delay' }]),
    );
    expect(state.state()).toMatchObject({ received: 2, charges: 0, rejected: 0 });
    expect((await control(url, 'DELETE', '/faults')).status).toBe(204);
    expect((await Promise.all(delayed)).map(({ code }) => code)).toEqual([0, 0]);
  });

  it('sets the duration and the outcome of the next generations', async () => {
    const { url, post, get } = await start({ now: () => 0 });
    const generation = { durationMs: 0, outcome: { status: 'error', msg: 'No face found' } };
    await control(url, 'PATCH', '/settings', { generation });
    const { photo_id } = (await post()).data;
    const { data } = await get(`/v2/photo_avatar/photo?photo_id=${photo_id}`);
    expect(data).toMatchObject({ status: 'error', msg: 'No face found' });
  });
});

describe('the guide', () => {
  const guide = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/\| `(\w+) \/_simulator(\S*)` +\| (?:`(.+)`)? +\|$/gm)].map(
    ([, method = '', path = '', body]) => [method, path, body] as const,
  );

  it('shows each operation that changes something', () => {
    const shown = new Set(rows.map(([method, path]) => `${method} ${path}`));
    expect([...shown].sort()).toEqual(['DELETE /faults', 'PATCH /settings', 'POST /faults', 'POST /reset']);
  });

  it.each(rows)('shows a request that is accepted: %s /_simulator%s %s', async (method, path, body) => {
    const { url } = await start();
    const { status } = await control(url, method, path, body && JSON.parse(body));
    expect([200, 201, 204]).toContain(status);
  });
});

describe('a web page', () => {
  const operations = [
    ['GET', ''],
    ['PATCH', '/settings'],
    ['POST', '/faults'],
    ['DELETE', '/faults'],
    ['POST', '/reset'],
    ['GET', '/unknown'],
  ] as const;
  const BODIES: Record<string, unknown> = { PATCH: { credits: 0 }, POST: { kind: 'reset' } };

  it.each(operations)('may not send %s /_simulator%s', async (method, path) => {
    const { url, control: state } = await start();
    state.addFault({ kind: 'garbage' });
    const before = state.state();
    const { port } = new URL(url);
    const foreign: Record<string, string>[] = [
      { origin: 'https://attacker.example' },
      { origin: 'null' },
      { origin: url },
      { host: `attacker.example:${port}` },
      { host: `localhost.attacker.example:${port}` },
      { host: `127.0.0.1.attacker.example:${port}` },
      { host: `127.0.0.1:${Number(port) + 1}` },
      { host: '127.0.0.1' },
      { host: `0.0.0.0:${port}` },
    ];
    for (const headers of foreign) {
      const answer = await control(url, method, path, BODIES[method], headers);
      expect([headers, answer.status]).toEqual([headers, 403]);
      expect(JSON.parse(answer.body)).toEqual({ message: expect.stringContaining('Nothing was changed') });
    }
    expect(state.state()).toEqual(before);
  });

  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])(
    'is no program of this machine, which may send controls to %s',
    async (name) => {
      const { url } = await start();
      const headers = { host: `${name}:${new URL(url).port}` };
      expect((await control(url, 'GET', '', undefined, headers)).status).toBe(200);
      expect((await control(url, 'PATCH', '/settings', { credits: 1 }, headers)).status).toBe(200);
    },
  );
});
