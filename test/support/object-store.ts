import { createServer, request as httpRequest } from 'node:http';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { vi } from 'vitest';
import { startFauxqs } from '../../local/emulators/fauxqs.ts';
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
  const server = await startFauxqs();
  const watch = await startUploadWatch(server.url);
  const { url, unfinished, parts } = watch;
  stubAws({ AWS_ENDPOINT_URL_S3: url });
  const client = new S3Client({});
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const keys = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    return Contents.map(({ Key }) => Key);
  };
  return {
    url,
    /** URL of the bucket. */
    origin: `${url}/${BUCKET}`,
    async empty() {
      for (const Key of await keys()) await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    },
    keys,
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
      await server.close();
    },
  };
};

export type ObjectStore = Awaited<ReturnType<typeof startObjectStore>>;
