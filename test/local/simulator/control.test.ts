import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../local/simulator/settings.ts';
import { eventually } from '../../support/eventually.ts';
import { AVATAR, start } from './client.ts';

const started = async () => {
  const simulator = await start();
  const send = async (method: string, path: string, body?: unknown) => {
    const init = { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
    const { status, body: text } = await simulator.call(`/_simulator${path}`, init);
    return { status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return { ...simulator, send };
};

describe('the control API', () => {
  it('returns the same state over HTTP as in the process', async () => {
    const { send, post, control } = await started();
    await post();
    const { status, body } = await send('GET', '');
    expect(status).toBe(200);
    expect(body).toEqual(control.state());
    expect(body).toMatchObject({ charges: 1, faults: [], calls: [{ body: AVATAR }] });
  });

  it('counts the paid calls that arrived, were charged and were rejected', async () => {
    const { send, post, postRaw, get } = await started();
    await post();
    await post({ ...AVATAR, age: 'Ancient' });
    await send('POST', '/faults', { kind: 'reset' });
    await expect(postRaw()).rejects.toThrow();
    await send('POST', '/faults', { kind: 'reset', when: 'after_charging' });
    await expect(postRaw()).rejects.toThrow();
    await get('/v2/user/remaining_quota');
    expect((await send('GET', '?calls=0')).body).toMatchObject({ received: 4, charges: 2, rejected: 1 });
  });

  it('returns the last 20 calls, or as many as are asked for', async () => {
    const { send, get } = await started();
    const paths = Array.from({ length: 22 }, (_, index) => `/v2/photo_avatar/photo?photo_id=${index}`);
    for (const path of paths) await get(path);
    const pathsOf = ({ body }: Awaited<ReturnType<typeof send>>) =>
      body.calls.map(({ path }: { path: string }) => path);
    expect(pathsOf(await send('GET', ''))).toEqual(paths.slice(-20));
    expect(pathsOf(await send('GET', '?calls=2'))).toEqual(paths.slice(-2));
    expect(pathsOf(await send('GET', '?calls=0'))).toEqual([]);
    expect(pathsOf(await send('GET', '?calls=1000'))).toEqual(paths);
    expect((await send('GET', '?calls=many')).body).toMatchObject({ errors: [{ field: 'calls' }] });
  });

  it('changes only the settings in the request', async () => {
    const { send, post } = await started();
    const { status, body } = await send('PATCH', '/settings', { credits: 0.1, rate: { limit: 3 } });
    expect(status).toBe(200);
    expect(body).toEqual({ ...DEFAULT_SETTINGS, credits: 0.1, rate: { ...DEFAULT_SETTINGS.rate, limit: 3 } });
    expect(await post()).toMatchObject({ code: 18020 });
  });

  it('adds faults and clears them', async () => {
    const { send, post } = await started();
    const fault = { kind: 'code', when: 'before_charging', times: 'until_cleared', status: 200, code: 50000 };
    expect(await send('POST', '/faults', { kind: 'code', code: 50000, times: 'until_cleared' })).toEqual({
      status: 201,
      body: [fault],
    });
    expect(await post()).toMatchObject({ code: 50000 });
    expect(await send('DELETE', '/faults')).toEqual({ status: 204 });
    expect(await post()).toMatchObject({ code: 0 });
  });

  it('restores the initial state and settings on a reset', async () => {
    const { send, post, get, control } = await started();
    const { photo_id } = (await post()).data;
    control.configure({ permission: false });
    control.addFault({ kind: 'delay', milliseconds: 'until_cleared' });
    const delayed = post();
    await eventually(() => expect(control.state().calls.at(-1)?.fault).toBe('delay'));
    control.addFault({ kind: 'reset' });
    expect(await send('POST', '/reset')).toEqual({ status: 204 });
    expect(control.state()).toEqual({
      settings: DEFAULT_SETTINGS,
      received: 0,
      charges: 0,
      rejected: 0,
      faults: [],
      calls: [],
    });
    expect(await get(`/v2/photo_avatar/photo?photo_id=${photo_id}`)).toMatchObject({ code: 10104 });
    // A call in progress finishes with the account that it started with.
    expect(await delayed).toMatchObject({ code: 18025 });
    expect(control.state().charges).toBe(0);
  });

  it.each([
    ['PATCH', '/settings', { credit: 1 }, ''],
    ['PATCH', '/settings', { rate: { limit: 0 } }, 'rate.limit'],
    ['PATCH', '/settings', { credits: 0.123 }, 'credits'],
    ['POST', '/faults', { kind: 'earthquake' }, 'kind'],
    ['POST', '/faults', { kind: 'truncated', when: 'before_charging' }, 'when'],
    ['POST', '/faults', { kind: 'reset', times: 0 }, 'times'],
  ])('rejects %s %s %j with the invalid field', async (method, path, body, field) => {
    const { send, control } = await started();
    const before = control.state();
    const answer = await send(method, path, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.any(String), errors: [{ field, message: expect.any(String) }] },
    });
    expect(control.state()).toEqual(before);
  });

  it('rejects a body that is not JSON', async () => {
    const { send } = await started();
    expect(await send('POST', '/faults', '{')).toMatchObject({
      status: 400,
      body: { message: 'The body is not JSON.' },
    });
  });

  it('lists its operations in the answer to an unknown one', async () => {
    const { send } = await started();
    expect(await send('POST', '')).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining('PATCH /_simulator/settings') },
    });
  });

  it('returns copies of its state', async () => {
    const { control, post } = await started();
    control.state().settings.apiKeys.length = 0;
    control.configure({}).apiKeys.length = 0;
    expect(await post()).toMatchObject({ code: 0 });
  });
});
