import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawPortrait } from '../../../local/simulator/image/portrait.ts';
import { readPng } from '../../support/png.ts';
import { AVATAR, start } from './client.ts';

const MAX_BYTES = 150_000;

/** Shorter than the image, so that a failed comparison can be read. */
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A simulator whose generations end at once. @returns the four images of a request */
const started = async () => {
  const simulator = await start({ settings: { generation: { durationMs: 0 } } });
  const download = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
  const generate = async (request: object): Promise<{ urls: string[]; images: Buffer[] }> => {
    const { photo_id } = (await simulator.post(request)).data;
    const urls = (await simulator.get(`/v2/photo_avatar/photo?photo_id=${photo_id}`)).data.image_url_list;
    return { urls, images: await Promise.all(urls.map(download)) };
  };
  return { ...simulator, download, generate };
};

describe('the images of a photo', () => {
  it.each([
    ['portrait', 480, 640],
    ['landscape', 640, 480],
    ['square', 544, 544],
  ])('are four different PNGs in the ratio %s', async (aspect_ratio, width, height) => {
    const { generate } = await started();
    for (const model of ['classic', 'modern']) {
      const { images } = await generate({ ...AVATAR, aspect_ratio, model, background: 'city at night' });
      const decoded = images.map(readPng);
      expect(decoded.map((image) => [image.width, image.height])).toEqual(Array(4).fill([width, height]));
      expect(new Set(decoded.map(({ pixels }) => hash(pixels))).size).toBe(4);
      for (const image of images) expect(image.length).toBeLessThan(MAX_BYTES);
    }
  });

  it('are a quarter as wide and high on request, for those who do not look at them', async () => {
    const { generate, control } = await started();
    control.configure({ generation: { imageScale: 0.25 } });
    const { images } = await generate({ ...AVATAR, aspect_ratio: 'landscape' });
    expect(images.map(readPng).map(({ width, height }) => [width, height])).toEqual(
      Array(4).fill([160, 120]),
    );
  });

  it('have the same bytes each time, from the cache or drawn again', async () => {
    const { generate, download, url } = await started();
    const { urls, images } = await generate(AVATAR);
    const hashes = images.map(hash);
    expect((await Promise.all(urls.map(download))).map(hash)).toEqual(hashes);
    const [photoId = ''] = /25-[0-9a-f]{32}/.exec(urls[0] ?? '') ?? [];
    expect([0, 1, 2, 3].map((index) => hash(drawPortrait({ ...AVATAR }, photoId, index)))).toEqual(hashes);
    expect((await fetch(`${url}/images/${photoId}-5.png`)).status).toBe(404);
  });

  it('differ from those of the same request with another photo id', async () => {
    const { generate } = await started();
    const [one, other] = [await generate(AVATAR), await generate(AVATAR)];
    expect(one.images.map(hash)).not.toEqual(other.images.map(hash));
  });

  it('do not exist for an unknown photo, which is answered 10104', async () => {
    const { get, call } = await started();
    expect(await get('/v2/photo_avatar/photo?photo_id=25-0')).toMatchObject({ code: 10104 });
    for (const path of ['/images/25-0-1.png', '/images/.png', '/images/-1.png', '/images/%2e%2e/1.png'])
      expect((await call(path)).status).toBe(404);
  });

  it('are drawn for any text', async () => {
    const { generate } = await started();
    const texts = [
      '',
      '\u0000\ud800 😀 <svg onload=alert(1)>',
      'no '.repeat(100_000),
      '__proto__ constructor hair',
    ];
    for (const text of texts) {
      const { images } = await generate({ ...AVATAR, background: text, appearance: text, __proto__: null });
      expect(images.map((image) => readPng(image).width)).toEqual([480, 480, 480, 480]);
    }
  });
});

describe('an image', () => {
  const base = { ...AVATAR, ethnicity: 'European', background: 'office', appearance: 'glasses' };
  const drawn = (request: object) => hash(drawPortrait({ ...base, ...request }, '25-abc', 0));

  const places = ['beach', 'park', 'mountains', 'city', 'library', 'home', 'studio', 'office at night'];
  const appearances = [
    'sunglasses',
    'glasses, hat',
    'glasses, red scarf',
    'glasses, pink hair',
    'no glasses',
  ];

  it.each<[name: string, value: string]>([
    ['gender', 'Male'],
    ['age', 'Elderly'],
    ['age', 'Teenager'],
    ['avatar_style', 'Social'],
    ['model', 'classic'],
    ['ethnicity', 'African'],
    ...places.map((place): [string, string] => ['background', place]),
    ...appearances.map((appearance): [string, string] => ['appearance', appearance]),
  ])('shows the %s %s', (name, value) => {
    expect(drawn({ [name]: value })).not.toEqual(drawn({}));
  });

  it('does not depend on words that it does not know', () => {
    expect(drawn({ background: 'a modern office in the morning' })).toEqual(drawn({}));
    expect(drawn({ appearance: 'kind, with glasses', image_url: 'https://example.com/a.png' })).toEqual(
      drawn({}),
    );
  });
});
