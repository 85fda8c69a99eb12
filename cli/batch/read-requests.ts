import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { type PhotoAvatarRequest, REQUEST_FIELDS } from '../../lambda/domain/request/contract.ts';
import { hashOf, requestHash } from '../../lambda/domain/request/identity.ts';
import { IDEMPOTENCY_KEY_FIELD, readKeyedRequest } from '../../lambda/domain/request/keyed-request.ts';
import { readJsonText } from '../../lambda/shared/parse-json.ts';
import { didYouMean } from '../closest.ts';
import { type InputError, usageError } from '../exit-codes.ts';
import { withGuess } from '../request-options.ts';
import { readCsv, type Source, type SourceRow } from './read-csv.ts';

/** One request of a batch. */
export interface BatchRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly request: PhotoAvatarRequest;
  /** Idempotency key: the same in every run of the batch, also without its state file. */
  readonly key: string;
  /** Hash of the request. */
  readonly hash: string;
}

export type BatchFormat = 'csv' | 'jsonl';

export interface Batch {
  readonly name: string;
  readonly format: BatchFormat;
  readonly rows: readonly BatchRow[];
}

const COLUMNS = [...REQUEST_FIELDS, IDEMPOTENCY_KEY_FIELD];

const checkColumn = (name: string): string | undefined =>
  COLUMNS.includes(name)
    ? undefined
    : `is no column of a request.${didYouMean(name, COLUMNS)} The columns are ${COLUMNS.join(', ')}`;

/** A key travels in an HTTP header. */
const HEADER_VALUE = /^[\x21-\x7e]*$/;

const readJsonLines = (text: string): Source => {
  const rows: SourceRow[] = [];
  const errors: InputError[] = [];
  for (const [at, lineText] of text.split(/\r?\n/).entries()) {
    if (lineText.trim() === '') continue;
    const line = at + 1;
    const read = readJsonText(lineText);
    if (!read) errors.push({ line, field: 'JSON', message: 'the line is not a JSON object' });
    else if (read.repeated !== undefined)
      errors.push({ line, field: read.repeated, message: 'occurs twice' });
    else rows.push({ line, value: read.value });
  }
  return { rows, errors };
};

const formatOf = (file: string): BatchFormat => {
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  throw usageError(`"${file}" must end in .csv or .jsonl. Nothing was sent.`);
};

const readText = async (file: string): Promise<string> => {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw usageError(`"${file}" cannot be read (${error.code}). Nothing was sent.`);
  });
  try {
    // Removes a byte order mark, and refuses text that would be paid for in a damaged form.
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw usageError(`"${file}" is not UTF-8 text: save it as UTF-8. Nothing was sent.`);
  }
};

/** Rows that are equal are meant to be different requests: their occurrence distinguishes their keys. */
const keyGenerator = (batch: string) => {
  const occurrences = new Map<string, number>();
  return (hash: string): string => {
    const occurrence = (occurrences.get(hash) ?? 0) + 1;
    occurrences.set(hash, occurrence);
    return `batch-${hashOf(JSON.stringify([batch, hash, occurrence])).slice(0, 40)}`;
  };
};

const cellOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === field)?.[1]
    : undefined;

const rowErrors = (
  { line, value }: SourceRow,
  errors: readonly { field: string; message: string }[],
): InputError[] =>
  errors.map(({ field, message }) => ({
    line,
    field,
    message:
      COLUMNS.includes(field) || field === 'body'
        ? withGuess(field, message, cellOf(value, field))
        : (checkColumn(field) ?? message),
  }));

const readRows = ({ rows: sourceRows, errors: sourceErrors }: Source, batch: string) => {
  const errors = [...sourceErrors];
  const rows: BatchRow[] = [];
  const lineOfKey = new Map<string, number>();
  const generateKey = keyGenerator(batch);
  for (const source of sourceRows) {
    const { line } = source;
    const read = readKeyedRequest(source.value);
    if (read.kind === 'invalid') {
      errors.push(...rowErrors(source, read.errors));
      continue;
    }
    const hash = requestHash(read.request);
    const key = read.key ?? generateKey(hash);
    const earlier = lineOfKey.get(key);
    lineOfKey.set(key, line);
    if (!HEADER_VALUE.test(key)) {
      errors.push({
        line,
        field: IDEMPOTENCY_KEY_FIELD,
        message: 'must be visible ASCII characters without spaces',
      });
    } else if (earlier !== undefined) {
      errors.push({ line, field: IDEMPOTENCY_KEY_FIELD, message: `is the key of line ${earlier}, too` });
    } else rows.push({ line, request: read.request, key, hash });
  }
  return { rows, errors };
};

/**
 * Reads and validates a whole file.
 *
 * @param name name of the batch, part of the generated keys. @default - the file's name
 * @throws CommandError with every error of the file
 */
export const readRequests = async (file: string, name: string = basename(file)): Promise<Batch> => {
  const format = formatOf(file);
  const text = await readText(file);
  const source = format === 'csv' ? readCsv(text, checkColumn) : readJsonLines(text);
  const { rows, errors } = readRows(source, name);
  if (errors.length > 0) {
    const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
    const inOrder = errors.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
    throw usageError(`"${file}" has ${count}. Nothing was sent.`, inOrder);
  }
  if (rows.length === 0) throw usageError(`"${file}" has no requests. Nothing was sent.`);
  return { name, format, rows };
};
