import { type Signal, signal } from '@preact/signals';
import type { RecordView } from '../../../client/index.ts';

/** The links to the pictures of records in a list: the list itself has none. */
export interface Thumbnails {
  /** The link to the first picture, once it is read. */
  of(record: RecordView): Signal<string | undefined>;
  /** Reads the link: its picture is about to be seen. */
  want(record: RecordView): void;
  /** The link did not work: it is read anew. */
  broken(record: RecordView): void;
}

/** A link is valid for 15 minutes. */
const VALID_MS = 12 * 60_000;

/** A link that did not work is not read again before. */
const PAUSE_MS = 30_000;

interface Entry {
  readonly link: Signal<string | undefined>;
  version: number;
  readAt: number;
}

export const createThumbnails = (
  get: (id: string) => Promise<RecordView>,
  now: () => number = Date.now,
): Thumbnails => {
  const entries = new Map<string, Entry>();
  const waiting = new Map<string, RecordView>();
  let isReading = false;

  const entryOf = ({ id }: RecordView): Entry => {
    const entry = entries.get(id) ?? { link: signal(undefined), version: -1, readAt: 0 };
    entries.set(id, entry);
    return entry;
  };

  /** Reads one after the other: a list must not hold up what the person does. */
  const readAll = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    for (const [id, record] of waiting) {
      waiting.delete(id);
      const entry = entryOf(record);
      entry.readAt = now();
      entry.version = record.version;
      // Without a thumbnail the row is complete: the next version or sight tries again.
      const read = await get(id).catch(() => undefined);
      entry.link.value = read?.images?.find(({ link }) => link)?.link;
    }
    isReading = false;
  };

  return {
    of: (record) => entryOf(record).link,
    want(record) {
      const entry = entryOf(record);
      const hasImages = record.images?.some(({ copy }) => copy) ?? false;
      if (!hasImages || (entry.version === record.version && now() - entry.readAt < VALID_MS)) return;
      waiting.set(record.id, record);
      void readAll();
    },
    broken(record) {
      const entry = entryOf(record);
      entry.link.value = undefined;
      if (now() - entry.readAt < PAUSE_MS) return;
      waiting.set(record.id, record);
      void readAll();
    },
  };
};
