import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { CopyResult, ImageStore } from '../../domain/ports.ts';
import { errorName } from '../../shared/error-name.ts';
import { IMAGE_PREFIX } from '../../shared/image-prefix.ts';
import { downloadImage, ImageRefused, ImageUnavailable } from './image-download.ts';

export interface ImageStoreOptions {
  /** The bucket of the copies. */
  readonly bucketName: string;
  /** Allowed hosts of images. */
  readonly hosts: readonly string[];
  /** From the start of a download to the end of the copy, and for one deletion, in milliseconds. @default 20000 */
  readonly timeoutMs?: number;
  /** Time limit for a connection to the bucket, in milliseconds. @default 1000 */
  readonly connectTimeoutMs?: number | undefined;
}

/**
 * Streams images into the bucket, and deletes them. Copying an image twice writes the same object.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export const createImageStore = ({
  bucketName,
  hosts,
  timeoutMs = 20_000,
  connectTimeoutMs = 1_000,
}: ImageStoreOptions): ImageStore => {
  const client = new S3Client({ maxAttempts: 3, requestHandler: { connectionTimeout: connectTimeoutMs } });

  const transfer = async (url: string, name: string, ending: AbortController): Promise<CopyResult> => {
    const { type, content } = await downloadImage(url, { hosts, signal: ending.signal });
    const key = `${IMAGE_PREFIX}${name}.${type.ending}`;
    const upload = new Upload({
      client,
      params: { Bucket: bucketName, Key: key, Body: content, ContentType: type.contentType },
      queueSize: 1,
      abortController: ending,
    });
    await upload.done().finally(() => content.destroy());
    return { kind: 'copied', copy: { key, contentType: type.contentType, bytes: content.bytes } };
  };

  /**
   * Deletes the versions that are listed under a prefix, and returns their number. A deletion without a version would
   * only hide the object, in a bucket whose owner turned versioning on.
   */
  const deleteListed = async (Prefix: string, abortSignal: AbortSignal): Promise<number> => {
    let deleted = 0;
    let page: ListObjectVersionsCommandOutput | undefined;
    do {
      const start = { KeyMarker: page?.NextKeyMarker, VersionIdMarker: page?.NextVersionIdMarker };
      page = await client.send(new ListObjectVersionsCommand({ Bucket: bucketName, Prefix, ...start }), {
        abortSignal,
      });
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        await client.send(new DeleteObjectCommand({ Bucket: bucketName, Key, VersionId }), { abortSignal });
        deleted += 1;
      }
    } while (page.IsTruncated);
    return deleted;
  };

  return {
    async deleteAll(prefix) {
      const signal = AbortSignal.timeout(timeoutMs);
      // A copy may be stored while the pages are read.
      while ((await deleteListed(`${IMAGE_PREFIX}${prefix}`, signal)) > 0);
    },

    async copy(url, name) {
      const ending = new AbortController();
      const timer = setTimeout(() => ending.abort(), timeoutMs);
      try {
        return await transfer(url, name, ending);
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
