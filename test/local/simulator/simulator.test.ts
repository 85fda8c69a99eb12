import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { AVATAR, beginPost, KEY, start } from './client.ts';

const accepted = { code: 0, msg: 'Success', data: { photo_id: expect.stringMatching(/./) } };

describe('the paid POST', () => {
  it('accepts documented parameters, charges 0.2 credits and returns a new photo_id', async () => {
    const { post, control } = await start({ settings: { credits: 1 } });
    const full = {
      ...AVATAR,
      ethnicity: 'South Asian',
      background: 'office',
      appearance: '',
      image_url: 'x',
    };
    const [first, second] = [await post(full), await post()];
    expect([first, second]).toEqual([accepted, accepted]);
    expect(first.data.photo_id).not.toBe(second.data.photo_id);
    expect(control.state()).toMatchObject({ charges: 2, settings: { credits: 0.6 } });
  });

  it.each([
    [{ ...AVATAR, age: undefined }, 'age'],
    [{ ...AVATAR, age: 'Baby' }, 'age'],
    [{ ...AVATAR, avatar_style: 'professional' }, 'avatar_style'],
    [{ ...AVATAR, gender: null }, 'gender'],
    [{ ...AVATAR, model: ['modern'] }, 'model'],
    [{ ...AVATAR, aspect_ratio: 0 }, 'aspect_ratio'],
    [{ ...AVATAR, ethnicity: 'Martian' }, 'ethnicity'],
    [{ ...AVATAR, background: 1 }, 'background'],
    [{ ...AVATAR, appearance: null }, 'appearance'],
    [{ ...AVATAR, image_url: {} }, 'image_url'],
    [[], 'body'],
    ['not JSON', 'body'],
    ['', 'body'],
  ])('answers 40000 to %j and charges nothing', async (body, field) => {
    const { post, control } = await start();
    expect(await post(body)).toEqual({ code: 40000, msg: expect.stringContaining(field), data: null });
    expect(control.state().charges).toBe(0);
  });

  it('ignores fields that are not in the schema', async () => {
    const { post } = await start();
    expect(await post({ ...AVATAR, name: 'Ada', photo_url: 'https://example.com/a.png' })).toEqual(accepted);
  });

  it('answers 10105 to an unknown, a missing and a replaced key', async () => {
    const { post, call, control } = await start();
    const refused = { code: 10105, msg: 'Invalid API key', data: null };
    expect(await post(AVATAR, 'other')).toEqual(refused);
    const path = '/v2/photo_avatar/photo/generate';
    const { body } = await call(path, { method: 'POST', headers: {}, body: JSON.stringify(AVATAR) });
    expect(JSON.parse(body)).toEqual(refused);
    control.configure({ apiKeys: ['other'] });
    expect(await post(AVATAR, KEY)).toEqual(refused);
    expect(await post(AVATAR, 'other')).toEqual(accepted);
    expect(control.state().charges).toBe(1);
  });

  it('answers 18025 while the account has no permission', async () => {
    const { post, control } = await start({ settings: { permission: false } });
    expect(await post()).toMatchObject({ code: 18025, data: null });
    control.configure({ permission: true });
    expect(await post()).toEqual(accepted);
  });

  it('answers 18020 without enough credits, exact to a tenth', async () => {
    const { post, control } = await start({ settings: { credits: 0.7 } });
    expect(await Promise.all([post(), post(), post()])).toEqual([accepted, accepted, accepted]);
    expect(await post()).toEqual({ code: 18020, msg: 'Insufficient credit', data: null });
    expect(control.state()).toMatchObject({ charges: 3, settings: { credits: 0.1 } });
    control.configure({ credits: 0.2 });
    expect(await post()).toEqual(accepted);
  });

  it('is recorded with its key, body, arrival and answer', async () => {
    const { post, control } = await start({ now: () => 1_000 });
    await post();
    await post('oops', 'wrong');
    const call = { method: 'POST', path: '/v2/photo_avatar/photo/generate', arrivedAt: 1_000, fault: null };
    expect(control.state().calls).toEqual([
      { ...call, apiKey: KEY, body: AVATAR, charged: true, answer: { status: 200, code: 0, at: 1_000 } },
      {
        ...call,
        apiKey: 'wrong',
        body: 'oops',
        charged: false,
        answer: { status: 200, code: 10105, at: 1_000 },
      },
    ]);
  });

  it('with an incomplete body is not charged, but counts against the rate', async () => {
    const { url, post, postRaw, control } = await start({ settings: { rate: { limit: 2 } } });
    const abandon = beginPost(url);
    await eventually(() => expect(control.state().calls).toHaveLength(1));
    abandon();
    expect((await postRaw()).headers.get('x-ratelimit-remaining')).toBe('0');
    expect(await post()).toMatchObject({ code: 429 });
    expect(control.state().charges).toBe(1);
    expect(control.state().calls[0]).toMatchObject({ body: null, answer: null });
  });

  it('answers 413 to a body of more than 1 MiB', async () => {
    const { postRaw, control } = await start();
    expect((await postRaw({ ...AVATAR, background: 'x'.repeat(1_100_000) })).status).toBe(413);
    expect(control.state().charges).toBe(0);
  });
});

describe('a generation', () => {
  const generation = { durationMs: 5_000 };

  it('is in progress until its duration ends, and then has four images', async () => {
    let now = 0;
    const { post, get, call } = await start({ settings: { generation }, now: () => now });
    const { photo_id } = (await post()).data;
    const path = `/v2/photo_avatar/photo?photo_id=${photo_id}`;
    const started = { photo_id, status: 'in_progress', image_url_list: [], image_key_list: [], msg: null };
    now = 4_999;
    expect(await get(path)).toEqual({ code: 0, msg: 'Success', data: started });
    now = 5_000;
    const { data } = await get(path);
    expect(data).toMatchObject({ photo_id, status: 'success', msg: null });
    expect(new Set(data.image_key_list).size).toBe(4);
    const images = await Promise.all(data.image_url_list.map((url: string) => call(url)));
    expect(images.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual(
      Array(4).fill([200, 'image/png']),
    );
    expect(new Set(images.map(({ body }) => body)).size).toBe(4);
  });

  it('ends with the result that was configured at its acceptance', async () => {
    const outcome = { status: 'error', msg: 'no face found' } as const;
    const { post, get, call, control } = await start({
      settings: { generation: { durationMs: 0, outcome } },
    });
    const { photo_id } = (await post()).data;
    control.configure({ generation: { outcome: { status: 'success' } } });
    const { data } = await get(`/v2/photo_avatar/photo?photo_id=${photo_id}`);
    expect(data).toEqual({
      photo_id,
      status: 'error',
      image_url_list: [],
      image_key_list: [],
      msg: 'no face found',
    });
    expect((await call(`/images/${photo_id}-1.png`)).status).toBe(404);
  });

  it('serves no image before its end, and only the images that it lists', async () => {
    let now = 0;
    const { post, call } = await start({ settings: { generation }, now: () => now });
    const { photo_id } = (await post()).data;
    expect((await call(`/images/${photo_id}-1.png`)).status).toBe(404);
    now = 5_000;
    expect((await call(`/images/${photo_id}-1.png`)).status).toBe(200);
    expect((await call(`/images/${photo_id}-5.png`)).status).toBe(404);
    expect((await call('/images/other-1.png')).status).toBe(404);
  });

  it('is answered 10104 if it is unknown', async () => {
    const { get } = await start();
    const missing = { code: 10104, msg: 'Record not found', data: null };
    expect(await get('/v2/photo_avatar/photo?photo_id=25-0')).toEqual(missing);
    expect(await get('/v2/photo_avatar/photo')).toEqual(missing);
  });
});

describe('the remaining quota', () => {
  it('is reduced by the charges', async () => {
    const { post, get } = await start({ settings: { credits: 10 } });
    await post();
    const quota = { code: 0, msg: 'Success', data: { remaining_quota: 9.8 } };
    expect(await get('/v2/user/remaining_quota')).toEqual(quota);
  });

  it('is refused for an unknown key and without permission', async () => {
    const { get, control } = await start({ settings: { permission: false } });
    expect(await get('/v2/user/remaining_quota')).toMatchObject({ code: 18025 });
    control.configure({ apiKeys: [] });
    expect(await get('/v2/user/remaining_quota')).toMatchObject({ code: 10105 });
  });
});

describe('the simulator', () => {
  it('answers 404 to an unknown path', async () => {
    const { call } = await start();
    expect((await call('/v1/photo_avatar/photo/generate')).status).toBe(404);
    expect((await call('/v2/photo_avatar/photo/generate')).status).toBe(404);
    expect((await call('//')).status).toBe(404);
  });

  it('rejects invalid settings', async () => {
    await expect(start({ settings: { credits: -1 } })).rejects.toThrow('credits');
  });
});
