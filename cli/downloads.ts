import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEnded, type RecordView } from '../client/index.ts';
import { usageError } from './exit-codes.ts';
import type { Service, Session } from './session.ts';
import { printable } from './table.ts';

const EXTENSIONS: Partial<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );

/** Writes a complete file or none: a crash leaves only a `.part` file. */
export const writeWhole = async (path: string, content: Uint8Array | string): Promise<void> => {
  const part = `${path}.part`;
  const file = await open(part, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
};

/**
 * Downloads the pictures of a request as `<id>-<n>.<ext>`, and returns their paths. A picture that is there already is
 * kept.
 *
 * @throws CommandError if another file has the name of a picture, and `force` is not set
 */
export const downloadPictures = async (
  { interruption, out }: Session,
  { client }: Service,
  record: RecordView,
  { directory, force }: { readonly directory: string; readonly force: boolean },
): Promise<string[]> => {
  const paths: string[] = [];
  await mkdir(directory, { recursive: true });
  for (const [at, image] of (record.images ?? []).entries()) {
    if (image.refused !== undefined) {
      out.note(
        `Picture ${at + 1} of ${record.id} has no copy (${printable(image.refused)}). It is at ${printable(image.url)}`,
      );
      continue;
    }
    const pathOf = (type: string) => join(directory, `${record.id}-${at + 1}.${EXTENSIONS[type] ?? 'bin'}`);
    const expected = image.copy && pathOf(image.copy.content_type);
    const size = expected && (await sizeOf(expected));
    if (expected && size === image.copy?.bytes && !force) {
      paths.push(expected);
      continue;
    }
    if (expected && size !== undefined && !force) {
      throw usageError(`${expected} exists and is another file. Pass --force to replace it.`);
    }
    const { bytes, contentType } = await client.download(image, { signal: interruption.stop });
    const path = expected ?? pathOf(contentType);
    await writeWhole(path, bytes);
    paths.push(path);
  }
  return paths;
};

/** Whether a request has ended, and each of its pictures has a copy to download or never will. */
export const hasPictures = (record: RecordView): boolean =>
  hasEnded(record) &&
  (record.images ?? []).every(({ copy, refused }) => copy !== undefined || refused !== undefined);
