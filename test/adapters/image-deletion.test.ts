import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createImageStore } from '../../lambda/adapters/images/image-store.ts';
import { listen, type RunningServer } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import { image, PNG, startImageServer } from '../support/image-server.ts';
import { BUCKET, startObjectStore } from '../support/object-store.ts';
import { startVersionedBucket } from '../support/versioned-bucket.ts';

/** Closes the server, and points the SDK of this process at it until then. */
const using = <Server extends RunningServer>(server: Server): Server => {
  stubAws({ AWS_ENDPOINT_URL_S3: server.url });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });
  return server;
};

const store = (options = {}) => createImageStore({ bucketName: BUCKET, hosts: ['127.0.0.1'], ...options });

describe('the deletion of the copies of a request', () => {
  it('deletes all of them, and nothing of another request', async () => {
    const bucket = using(await startObjectStore());
    const images = await startImageServer();
    onTestFinished(() => images.close());
    const url = images.serve('/one.png', image(PNG));
    for (const name of ['avatar-1/1', 'avatar-1/2', 'avatar-12/1']) await store().copy(url, name);
    expect(await bucket.keys()).toHaveLength(3);
    await store().deleteAll('avatar-1/');
    expect(await bucket.keys()).toEqual(['images/avatar-12/1.png']);
    await store().deleteAll('avatar-1/');
    expect(await bucket.keys()).toEqual(['images/avatar-12/1.png']);
  });

  it('deletes every version and every delete marker of a bucket with versioning, page by page', async () => {
    const bucket = using(await startVersionedBucket());
    for (let version = 0; version < 3; version += 1) {
      for (const name of ['1', '2']) bucket.put(`images/avatar-1/${name}.png`);
    }
    bucket.remove('images/avatar-1/1.png');
    bucket.put('images/avatar-12/1.png');
    await store().deleteAll('avatar-1/');
    expect(bucket.versions()).toEqual(['images/avatar-12/1.png']);
  });

  it('deletes a copy that is stored meanwhile', async () => {
    const late = ['images/avatar-1/0.png'];
    const bucket = using(
      await startVersionedBucket({
        onDelete({ put }) {
          for (const key of late.splice(0)) put(key);
        },
      }),
    );
    bucket.put('images/avatar-1/1.png');
    await store().deleteAll('avatar-1/');
    expect(late).toEqual([]);
    expect(bucket.versions()).toEqual([]);
  });

  it('fails if S3 refuses it, because the copies may still be there', async () => {
    using(
      await listen(
        createServer((_request, response) => {
          response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
        }),
      ),
    );
    await expect(store().deleteAll('avatar-1/')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('fails if S3 does not answer in time', async () => {
    using(await listen(createServer(() => {})));
    await expect(store({ timeoutMs: 50 }).deleteAll('avatar-1/')).rejects.toThrow();
  });
});
