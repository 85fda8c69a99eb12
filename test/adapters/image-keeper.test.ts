import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { MOST_IMAGE_BYTES } from '../../lambda/adapters/image-download.ts';
import { createImageKeeper } from '../../lambda/adapters/image-keeper.ts';
import { listen } from '../../local/server.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
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
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await pictures.close();
  await store.close();
});

const HOUR_MS = 3_600_000;

const keep = (url: string, bucketName = BUCKET) =>
  createImageKeeper({
    bucketName,
    hosts: ['127.0.0.1'],
    timeoutMs: HOUR_MS,
    connectTimeoutMs: HOUR_MS,
  }).keep(url, 'avatar-1/1');

/** Keeps what takes so long that its time is up as soon as this is true. Until then, hardly any of the hour passes. */
const keepTooLong = async (url: string, isReached: () => boolean) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const kept = keep(url);
  await eventuallyTrue(isReached);
  vi.advanceTimersByTime(HOUR_MS);
  vi.useRealTimers();
  return kept;
};

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
  const failed = async (keeping: ReturnType<typeof keep>) => {
    const kept = await keeping;
    expect(await store.keys()).toEqual([]);
    await eventually(() => expect(store.unfinished()).toBe(0));
    return kept;
  };
  /** Serves a picture that begins and does not end. */
  const begun = (path: string, mebibytes: number) =>
    pictures.serve(path, (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': MOST_IMAGE_BYTES });
      response.write(Buffer.concat([PNG, Buffer.alloc(mebibytes * 1024 * 1024)]));
    });

  it('what is refused for good', async () => {
    const url = pictures.serve('/page.png', picture(Buffer.from('<html>'), 'text/html'));
    expect(await failed(keep(url))).toEqual({ kind: 'refused', reason: 'not a picture of a known type' });
    expect(await failed(keep('https://example.com/x.png'))).toMatchObject({ kind: 'refused' });
  });

  it('what turns out too large after parts of it were stored', async () => {
    expect(await failed(keep(pictures.serve('/endless.png', endless(1_000))))).toEqual({
      kind: 'refused',
      reason: 'larger than 26214400 bytes',
    });
  });

  it('what is not there now', async () => {
    expect(await failed(keep(`${pictures.url}/missing.png`))).toEqual({ kind: 'failed', reason: 'HTTP 404' });
  });

  it('what breaks off after its first bytes', async () => {
    const url = pictures.serve('/broken.png', (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': MOST_IMAGE_BYTES });
      response.write(PNG, () => response.socket?.destroy());
    });
    expect(await failed(keep(url))).toMatchObject({ kind: 'failed' });
  });

  it('what breaks off after parts of it were stored', async () => {
    const kept = keep(begun('/broken.png', 11));
    await eventuallyTrue(() => store.parts() > 0);
    for (const response of pictures.open) response.destroy();
    expect(await failed(kept)).toMatchObject({ kind: 'failed' });
  });

  it.each([
    ['before any part', 0, () => pictures.open.size > 0],
    ['after parts', 11, () => store.parts() > 0],
  ])('what takes too long, %s of it were stored', async (_, mebibytes, isReached) => {
    const kept = keepTooLong(begun('/slow.png', mebibytes), isReached);
    expect(await failed(kept)).toEqual({ kind: 'failed', reason: 'not copied within 3600 s' });
    await eventually(() => expect(pictures.open.size).toBe(0));
  });

  it('a bucket that is not there, and the picture is let go', async () => {
    const url = pictures.serve('/one.png', picture(PNG));
    expect(await keep(url, 'nobodys')).toEqual({ kind: 'failed', reason: 'NoSuchBucket' });
    await eventually(() => expect(pictures.open.size).toBe(0));
  });
});

it('a store that does not answer is no reason to wait longer than allowed', async () => {
  let isAsked = false;
  const silent = await listen(
    createServer(() => {
      isAsked = true;
    }),
  );
  onTestFinished(() => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', store.url);
    return silent.close();
  });
  vi.stubEnv('AWS_ENDPOINT_URL_S3', silent.url);
  const url = pictures.serve('/one.png', picture(PNG));
  expect(await keepTooLong(url, () => isAsked)).toEqual({
    kind: 'failed',
    reason: 'not copied within 3600 s',
  });
});
