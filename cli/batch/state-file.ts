import { type FileHandle, open, readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { RecordView } from '../../client/index.ts';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { usageError } from '../exit-codes.ts';

/** What is known of a request that was sent. */
const outcome = z.object({
  key: z.string(),
  id: z.string(),
  status: z.string(),
  charged: z.string(),
  images: z.optional(z.array(z.object({ url: z.string(), copy: z.optional(z.string()) }))),
  files: z.optional(z.array(z.string())),
  error: z.optional(z.object({ code: z.string(), message: z.string(), advice: z.string() })),
});

export type Outcome = z.infer<typeof outcome>;

/** The batch, and whose it is: under another caller's keys the same rows would be paid for again. */
const head = z.object({
  format: z.literal(1),
  batch: z.string(),
  service: z.string(),
  /** Whose idempotency keys are used. Absent if the service did not say. */
  owner: z.optional(z.string()),
});

const sending = z.object({ key: z.string(), hash: z.string(), sending: z.literal(true) });

const line = z.union([head, sending, outcome]);

export type BatchHead = Omit<z.infer<typeof head>, 'format'>;

export interface BatchState {
  /** Of an earlier run. */
  readonly head?: BatchHead | undefined;
  /** Hash of the request that was sent, by key. A key without an outcome may have been recorded by the service. */
  readonly sent: ReadonlyMap<string, string>;
  /** The last known outcome, by key. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export interface StateFile extends BatchState {
  writeHead(head: BatchHead): Promise<void>;
  /** Resolves when it is on the disk. */
  writeSending(key: string, hash: string): Promise<void>;
  writeOutcome(outcome: Outcome): Promise<void>;
  close(): Promise<void>;
}

export const outcomeOf = (key: string, record: RecordView, files: readonly string[] = []): Outcome => ({
  key,
  id: record.id,
  status: record.status,
  charged: record.charged,
  ...(record.images && {
    // Without the signed links, which expire.
    images: record.images.map(({ url, copy }) => ({ url, ...(copy && { copy: copy.key }) })),
  }),
  ...(files.length > 0 && { files: [...files] }),
  ...(record.error && {
    error: { code: record.error.code, message: record.error.message, advice: record.error.advice },
  }),
});

const readState = (text: string, path: string): BatchState => {
  const sent = new Map<string, string>();
  const outcomes = new Map<string, Outcome>();
  let known: BatchHead | undefined;
  // A crash may have cut the last line. The file is a help; the keys alone prevent a second payment.
  const lines = text.split('\n').flatMap((each) => parseJson(line, each) ?? []);
  for (const each of lines) {
    if ('format' in each) known = { batch: each.batch, service: each.service, owner: each.owner };
    else if ('sending' in each) sent.set(each.key, each.hash);
    else outcomes.set(each.key, each);
  }
  if (text.trim() !== '' && !known) {
    throw usageError(`"${path}" is not the state of a batch. Move it away, or restore it. Nothing was sent.`);
  }
  return { head: known, sent, outcomes };
};

/** Appends lines. Those that arrive while others are being written share one flush to the disk. */
const createAppender = (file: FileHandle) => {
  let waiting: { text: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let isWriting = false;
  const flush = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await file.appendFile(batch.map(({ text }) => text).join(''));
        await file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isWriting = false;
  };
  return (value: unknown): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ text: `${JSON.stringify(value)}\n`, resolve, reject });
      void flush();
    });
};

/**
 * Opens the state of a batch: an append-only file of JSON lines beside the input.
 *
 * @throws CommandError if the file is something else
 */
export const openState = async (path: string): Promise<StateFile> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const state = readState(text, path);
  const file = await open(path, 'a');
  const append = createAppender(file);
  if (text !== '' && !text.endsWith('\n')) await file.appendFile('\n');
  return {
    ...state,
    writeHead: (value) => append({ format: 1, ...value }),
    writeSending: (key, hash) => append({ key, hash, sending: true }),
    writeOutcome: append,
    close: () => file.close(),
  };
};
