import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { MAX_IMAGE_BYTES } from '../../lambda/adapters/images/image-download.ts';
import { createImageStore } from '../../lambda/adapters/images/image-store.ts';
import { listen } from '../../local/server.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { endless, type ImageServer, image, JPEG, PNG, startImageServer } from '../support/image-server.ts';
import { BUCKET, type ObjectStore, startObjectStore } from '../support/object-store.ts';

let store: ObjectStore;
let images: ImageServer;
beforeAll(async () => {
  [store, images] = await Promise.all([startObjectStore(), startImageServer()]);
});
beforeEach(() => store.empty());
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await images.close();
  await store.close();
});

const HOUR_MS = 3_600_000;

const copy = (url: string, bucketName = BUCKET) =>
  createImageStore({
    bucketName,
    hosts: ['127.0.0.1'],
    timeoutMs: HOUR_MS,
    connectTimeoutMs: HOUR_MS,
  }).copy(url, 'avatar-1/1');

/** Copies an image, and lets the time limit of an hour pass as soon as the condition is true. */
const copyUntilTimeout = async (url: string, isReached: () => boolean) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const copied = copy(url);
  await eventuallyTrue(isReached);
  vi.advanceTimersByTime(HOUR_MS);
  vi.useRealTimers();
  return copied;
};

describe('a copy', () => {
  it('has the bytes and the type of the image', async () => {
    expect(await copy(images.serve('/one.png', image(PNG)))).toEqual({
      kind: 'copied',
      copy: { key: 'images/avatar-1/1.png', contentType: 'image/png', bytes: PNG.length },
    });
    expect(await store.object('images/avatar-1/1.png')).toEqual({ contentType: 'image/png', body: PNG });
  });

  it('has the extension and type of the content, not of the URL', async () => {
    expect(await copy(images.serve('/two.png', image(JPEG, 'image/jpeg')))).toMatchObject({
      copy: { key: 'images/avatar-1/1.jpg', contentType: 'image/jpeg' },
    });
  });

  it('may have the maximum size of an image', async () => {
    const body = Buffer.concat([PNG, Buffer.alloc(MAX_IMAGE_BYTES - PNG.length, 7)]);
    expect(await copy(images.serve('/large.png', image(body)))).toMatchObject({
      kind: 'copied',
      copy: { bytes: MAX_IMAGE_BYTES },
    });
    const { body: stored } = await store.object('images/avatar-1/1.png');
    expect(stored.equals(body)).toBe(true);
  });

  it('that is made twice is one object', async () => {
    const url = images.serve('/twice.png', image(PNG));
    expect(await copy(url)).toEqual(await copy(url));
    expect(await store.keys()).toEqual(['images/avatar-1/1.png']);
  });
});

describe('nothing is left in the bucket after', () => {
  const failed = async (copying: ReturnType<typeof copy>) => {
    const result = await copying;
    expect(await store.keys()).toEqual([]);
    await eventually(() => expect(store.unfinished()).toBe(0));
    return result;
  };
  /** Serves an image that starts and does not end. */
  const serveUnfinished = (path: string, mebibytes: number) =>
    images.serve(path, (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': MAX_IMAGE_BYTES });
      response.write(Buffer.concat([PNG, Buffer.alloc(mebibytes * 1024 * 1024)]));
    });

  it('a permanent refusal', async () => {
    const url = images.serve('/page.png', image(Buffer.from('<html>'), 'text/html'));
    expect(await failed(copy(url))).toEqual({ kind: 'refused', reason: 'not an image of a known type' });
    expect(await failed(copy('https://example.com/x.png'))).toMatchObject({ kind: 'refused' });
  });

  it('an image that is too large, after parts of it were stored', async () => {
    expect(await failed(copy(images.serve('/endless.png', endless(1_000))))).toEqual({
      kind: 'refused',
      reason: 'larger than 26214400 bytes',
    });
  });

  it('an answer of HTTP 404', async () => {
    expect(await failed(copy(`${images.url}/missing.png`))).toEqual({ kind: 'failed', reason: 'HTTP 404' });
  });

  it('a download that fails after its first bytes', async () => {
    const url = images.serve('/broken.png', (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': MAX_IMAGE_BYTES });
      response.write(PNG, () => response.socket?.destroy());
    });
    expect(await failed(copy(url))).toMatchObject({ kind: 'failed' });
  });

  it('a download that fails after parts of it were stored', async () => {
    const copying = copy(serveUnfinished('/broken.png', 11));
    await eventuallyTrue(() => store.parts() > 0);
    for (const response of images.open) response.destroy();
    expect(await failed(copying)).toMatchObject({ kind: 'failed' });
  });

  it.each([
    ['before any part', 0, () => images.open.size > 0],
    ['after parts', 11, () => store.parts() > 0],
  ])('a download that exceeds the time limit, %s of it were stored', async (_, mebibytes, isReached) => {
    const copying = copyUntilTimeout(serveUnfinished('/slow.png', mebibytes), isReached);
    expect(await failed(copying)).toEqual({ kind: 'failed', reason: 'not copied within 3600 s' });
    await eventually(() => expect(images.open.size).toBe(0));
  });

  it('a copy to a missing bucket, and the download is closed', async () => {
    const url = images.serve('/one.png', image(PNG));
    expect(await copy(url, 'no-such-bucket')).toEqual({ kind: 'failed', reason: 'NoSuchBucket' });
    await eventually(() => expect(images.open.size).toBe(0));
  });
});

it('a copy to a bucket that does not answer ends at the time limit', async () => {
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
  const url = images.serve('/one.png', image(PNG));
  expect(await copyUntilTimeout(url, () => isAsked)).toEqual({
    kind: 'failed',
    reason: 'not copied within 3600 s',
  });
});
