import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { errorName } from '../domain/error-name.ts';
import type { ImageKeeper, KeptImage } from '../domain/ports.ts';
import { downloadImage, ImageRefused, ImageUnavailable } from './image-download.ts';
import { IMAGE_PREFIX } from './image-prefix.ts';

export interface ImageKeeperOptions {
  /** The bucket in which the copies lie. */
  readonly bucketName: string;
  /** Hosts that pictures may come from. */
  readonly hosts: readonly string[];
  /** From the start of a download to the end of the copy, in milliseconds. @default 20000 */
  readonly timeoutMs?: number;
  /** Milliseconds within which a connection to the bucket must stand. @default 1000 */
  readonly connectTimeoutMs?: number | undefined;
}

/**
 * Copies pictures into the bucket as they come in, without holding them. Copying one twice writes the same object.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export const createImageKeeper = ({
  bucketName,
  hosts,
  timeoutMs = 20_000,
  connectTimeoutMs = 1_000,
}: ImageKeeperOptions): ImageKeeper => {
  const client = new S3Client({ maxAttempts: 3, requestHandler: { connectionTimeout: connectTimeoutMs } });

  const copy = async (url: string, name: string, ending: AbortController): Promise<KeptImage> => {
    const { type, content } = await downloadImage(url, { hosts, signal: ending.signal });
    const key = `${IMAGE_PREFIX}${name}.${type.ending}`;
    const upload = new Upload({
      client,
      params: { Bucket: bucketName, Key: key, Body: content, ContentType: type.contentType },
      queueSize: 1,
      abortController: ending,
    });
    await upload.done().finally(() => content.destroy());
    return { kind: 'kept', copy: { key, contentType: type.contentType, bytes: content.bytes } };
  };

  return {
    async keep(url, name) {
      const ending = new AbortController();
      const timer = setTimeout(() => ending.abort(), timeoutMs);
      try {
        return await copy(url, name, ending);
      } catch (error) {
        if (error instanceof ImageRefused) return { kind: 'refused', reason: error.message };
        if (ending.signal.aborted)
          return { kind: 'failed', reason: `not copied within ${timeoutMs / 1_000} s` };
        if (error instanceof ImageUnavailable) return { kind: 'failed', reason: error.message };
        return { kind: 'failed', reason: errorName(error) };
      } finally {
        clearTimeout(timer);
      }
    },
  };
};
