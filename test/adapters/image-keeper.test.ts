import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MOST_IMAGE_BYTES } from '../../lambda/adapters/image-download.ts';
import { createImageKeeper } from '../../lambda/adapters/image-keeper.ts';
import { listen } from '../../local/server.ts';
import { BUCKET, type ObjectStore, startObjectStore } from '../support/object-store.ts';
import {
  endless,
  JPEG,
  type PictureServer,
  PNG,
  picture,
  startPictureServer,
} from '../support/picture-server.ts';

let store: ObjectStore;
let pictures: PictureServer;
beforeAll(async () => {
  [store, pictures] = await Promise.all([startObjectStore(), startPictureServer()]);
});
beforeEach(() => store.empty());
afterAll(async () => {
  await pictures.close();
  await store.close();
});

const keep = (url: string, timeoutMs?: number) =>
  createImageKeeper({
    bucketName: BUCKET,
    hosts: ['127.0.0.1'],
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }).keep(url, 'avatar-1/1');

describe('a copy', () => {
  it('is the picture, byte for byte and of its type', async () => {
    expect(await keep(pictures.serve('/one.png', picture(PNG)))).toEqual({
      kind: 'kept',
      copy: { key: 'images/avatar-1/1.png', contentType: 'image/png', bytes: PNG.length },
    });
    expect(await store.object('images/avatar-1/1.png')).toEqual({ contentType: 'image/png', body: PNG });
  });

  it('has the ending and type of what came, whatever its address says', async () => {
    expect(await keep(pictures.serve('/two.png', picture(JPEG, 'image/jpeg')))).toMatchObject({
      copy: { key: 'images/avatar-1/1.jpg', contentType: 'image/jpeg' },
    });
  });

  it('is as large as a picture may be', async () => {
    const body = Buffer.concat([PNG, Buffer.alloc(MOST_IMAGE_BYTES - PNG.length, 7)]);
    expect(await keep(pictures.serve('/large.png', picture(body)))).toMatchObject({
      kind: 'kept',
      copy: { bytes: MOST_IMAGE_BYTES },
    });
    const { body: copy } = await store.object('images/avatar-1/1.png');
    expect(copy.equals(body)).toBe(true);
  });

  it('that is made twice is the same object', async () => {
    const url = pictures.serve('/twice.png', picture(PNG));
    expect(await keep(url)).toEqual(await keep(url));
    expect(await store.keys()).toEqual(['images/avatar-1/1.png']);
  });
});

describe('nothing is left in the bucket by', () => {
  const failed = async (url: string, timeoutMs?: number) => {
    const kept = await keep(url, timeoutMs);
    expect(await store.keys()).toEqual([]);
    await vi.waitFor(() => expect(store.unfinished()).toBe(0), { timeout: 10_000 });
    return kept;
  };

  it('what is refused for good', async () => {
    const url = pictures.serve('/page.png', picture(Buffer.from('<html>'), 'text/html'));
    expect(await failed(url)).toEqual({ kind: 'refused', reason: 'not a picture of a known type' });
    expect(await failed('https://example.com/x.png')).toMatchObject({ kind: 'refused' });
  });

  it('what turns out too large after parts of it were stored', async () => {
    expect(await failed(pictures.serve('/endless.png', endless(1_000)))).toEqual({
      kind: 'refused',
      reason: 'larger than 26214400 bytes',
    });
  });

  it('what is not there now', async () => {
    expect(await failed(`${pictures.url}/missing.png`)).toEqual({ kind: 'failed', reason: 'HTTP 404' });
  });

  it.each([
    ['its first bytes', 0],
    ['parts of it were stored', 11],
  ])('what breaks off after %s', async (_, mebibytes) => {
    const url = pictures.serve('/broken.png', (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': MOST_IMAGE_BYTES });
      response.write(Buffer.concat([PNG, Buffer.alloc(mebibytes * 1024 * 1024)]), () =>
        response.socket?.destroy(),
      );
    });
    expect(await failed(url)).toMatchObject({ kind: 'failed' });
  });

  it.each([
    ['before any part', 0],
    ['after parts', 11],
  ])('what takes too long, %s of it were stored', async (_, mebibytes) => {
    const url = pictures.serve('/slow.png', (response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(Buffer.concat([PNG, Buffer.alloc(mebibytes * 1024 * 1024)]));
    });
    expect(await failed(url, 1_500)).toEqual({ kind: 'failed', reason: 'not copied within 1.5 s' });
    await vi.waitFor(() => expect(pictures.open.size).toBe(0), { timeout: 10_000 });
  });

  it('a bucket that is not there, and the picture is let go', async () => {
    const url = pictures.serve('/one.png', picture(PNG));
    const keeper = createImageKeeper({ bucketName: 'nobodys', hosts: ['127.0.0.1'] });
    expect(await keeper.keep(url, 'x')).toEqual({ kind: 'failed', reason: 'NoSuchBucket' });
    await vi.waitFor(() => expect(pictures.open.size).toBe(0), { timeout: 10_000 });
  });
});

it('a store that does not answer is no reason to wait longer than allowed', async () => {
  const silent = await listen(createServer(() => {}));
  vi.stubEnv('AWS_ENDPOINT_URL_S3', silent.url);
  expect(await keep(pictures.serve('/one.png', picture(PNG)), 500)).toEqual({
    kind: 'failed',
    reason: 'not copied within 0.5 s',
  });
  vi.stubEnv('AWS_ENDPOINT_URL_S3', store.url);
  await silent.close();
});
