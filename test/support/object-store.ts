import { createServer, request as httpRequest } from 'node:http';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { vi } from 'vitest';
import { listen } from '../../local/server.ts';
import { stubAws } from './aws.ts';

export const BUCKET = 'images';

/** Forwards all requests, and counts unfinished multipart uploads, one at a time. */
const startUploadWatch = async (target: string) => {
  let unfinished = 0;
  let parts = 0;
  const server = await listen(
    createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', target);
      const outgoing = httpRequest(
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
      outgoing.on('error', () => response.destroy());
      request.pipe(outgoing);
    }),
  );
  return { ...server, unfinished: () => unfinished, parts: () => parts };
};

/** Starts an S3 emulator with one empty bucket, and points the SDK of this process at it. */
export const startObjectStore = async () => {
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  server.createBucket(BUCKET);
  const watch = await startUploadWatch(`http://127.0.0.1:${server.port}`);
  const { url, unfinished, parts } = watch;
  stubAws({ AWS_ENDPOINT_URL_S3: url });
  const client = new S3Client({});
  return {
    url,
    /** URL of the bucket. */
    origin: `${url}/${BUCKET}`,
    empty: () => server.emptyBucket(BUCKET),
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      return Contents.map(({ Key }) => Key);
    },
    /** Multipart uploads that were neither completed nor aborted: S3 charges for their parts. */
    unfinished,
    /** Stored parts of the unfinished upload. */
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
