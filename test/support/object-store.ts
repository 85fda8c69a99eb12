import { createServer, request as httpRequest } from 'node:http';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { vi } from 'vitest';
import { listen } from '../../local/server.ts';
import { stubAws } from './aws.ts';

export const BUCKET = 'images';

/** Passes everything on, and knows of multipart uploads, one at a time, what was begun and not ended. */
const startUploadWatch = async (target: string) => {
  let unfinished = 0;
  let parts = 0;
  const server = await listen(
    createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', target);
      const onward = httpRequest(
        `${target}${request.url}`,
        { method: request.method ?? '', headers: request.headers },
        (answer) => {
          const { statusCode = 0 } = answer;
          const isDone = statusCode < 300;
          if (isDone && request.method === 'POST' && searchParams.has('uploads')) unfinished += 1;
          if (isDone && request.method === 'PUT' && searchParams.has('uploadId')) parts += 1;
          if (isDone && request.method !== 'PUT' && searchParams.has('uploadId')) {
            unfinished -= 1;
            parts = 0;
          }
          response.writeHead(statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    }),
  );
  return { ...server, unfinished: () => unfinished, parts: () => parts };
};

/** An S3 with one empty bucket, and the SDK of this process pointed at it. */
export const startObjectStore = async () => {
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  server.createBucket(BUCKET);
  const watch = await startUploadWatch(`http://127.0.0.1:${server.port}`);
  const { url, unfinished, parts } = watch;
  stubAws({ AWS_ENDPOINT_URL_S3: url });
  const client = new S3Client({});
  return {
    url,
    /** Address under which the bucket's objects are found. */
    origin: `${url}/${BUCKET}`,
    empty: () => server.emptyBucket(BUCKET),
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      return Contents.map(({ Key }) => Key);
    },
    /** Uploads whose parts nobody put together or threw away: they cost as much as objects do. */
    unfinished,
    /** Parts stored of the upload that is not ended. */
    parts,
    async object(key: string) {
      const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return { contentType: ContentType, body: Buffer.from((await Body?.transformToByteArray()) ?? []) };
    },
    async close() {
      vi.unstubAllEnvs();
      client.destroy();
      await watch.close();
      await server.stop();
    },
  };
};

export type ObjectStore = Awaited<ReturnType<typeof startObjectStore>>;
