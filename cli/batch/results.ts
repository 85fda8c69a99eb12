import type { RecordView } from '../../client/index.ts';
import { EXIT, type ExitCode, exitOfError, exitOfRecord } from '../exit-codes.ts';
import type { Batch, BatchRow } from './read-requests.ts';
import { isEnded, type Progress } from './run.ts';

/** What became of one row. */
export interface RowResult {
  readonly line: number;
  readonly idempotency_key: string;
  readonly id?: string | undefined;
  /** Of the record; `not_sent` without one. */
  readonly status: string;
  readonly charged: string;
  /** At JoggAI. */
  readonly images: readonly string[];
  /** Keys of the copies in the bucket of the service. */
  readonly copies: readonly string[];
  /** Paths of the downloaded pictures. */
  readonly files: readonly string[];
  readonly error?: string | undefined;
  /** What is wrong, and what to do. */
  readonly message?: string | undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const resultOf = ({ line, key }: BatchRow, { outcomes, errors }: Progress): RowResult => {
  const outcome = outcomes.get(key);
  const error = errors.get(key);
  if (!outcome) {
    const charged = error !== undefined && exitOfError(error) === EXIT.inDoubt ? 'unknown' : 'no';
    return {
      line,
      idempotency_key: key,
      status: 'not_sent',
      charged,
      images: [],
      copies: [],
      files: [],
      ...(error !== undefined && { error: 'not_sent', message: messageOf(error) }),
    };
  }
  const { id, status, charged, images = [], files = [] } = outcome;
  return {
    line,
    idempotency_key: key,
    id,
    status,
    charged,
    images: images.map(({ url }) => url),
    copies: images.flatMap(({ copy }) => copy ?? []),
    files,
    ...(outcome.error && {
      error: outcome.error.code,
      message: `${outcome.error.message} ${outcome.error.advice}`,
    }),
    ...(error !== undefined && { error: 'not_read', message: messageOf(error) }),
  };
};

/** The exit code for one row. A row without an answer is repeated by the same command under the same key. */
export const exitOfRow = ({ key }: BatchRow, { outcomes, errors }: Progress): ExitCode => {
  const outcome = outcomes.get(key);
  const error = errors.get(key);
  if (error !== undefined) return exitOfError(error);
  if (!outcome || !isEnded(outcome)) return EXIT.pending;
  const { status, error: failure } = outcome;
  return exitOfRecord({ status, error: failure } as Pick<RecordView, 'status' | 'error'>);
};

const COLUMNS = [
  'line',
  'idempotency_key',
  'id',
  'status',
  'charged',
  'images',
  'copies',
  'files',
  'error',
  'message',
] as const satisfies readonly (keyof RowResult)[];

/**
 * A cell of CSV. A spreadsheet would run a text that begins like a formula, so such a text gets an apostrophe.
 * Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export const csvCell = (value: unknown): string => {
  const text = Array.isArray(value) ? value.join(' ') : String(value ?? '');
  const safe = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** The content of the file with the results, in the order and the format of the input. */
export const resultsText = ({ format }: Batch, results: readonly RowResult[]): string => {
  const lines =
    format === 'jsonl'
      ? results.map((result) => JSON.stringify(result))
      : [
          COLUMNS.join(','),
          ...results.map((result) => COLUMNS.map((name) => csvCell(result[name])).join(',')),
        ];
  return `${lines.join('\n')}\n`;
};
