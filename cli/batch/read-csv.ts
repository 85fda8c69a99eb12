import { type CsvError, parse } from 'csv-parse/sync';
import type { InputError } from '../exit-codes.ts';

/** One row of a file. */
export interface SourceRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly value: unknown;
}

export interface Source {
  readonly rows: readonly SourceRow[];
  readonly errors: readonly InputError[];
}

interface ParsedRecord {
  readonly record: string[];
  /** Where it ends. */
  readonly bytes: number;
}

const LINE_END = /\r\n|\n|\r/g;

const isCsvError = (error: unknown): error is CsvError =>
  error instanceof Error && 'code' in error && String(error.code).match(/CSV|QUOTE/) !== null;

/** csv-parse counts a line break within quotes twice if it is CRLF, so lines are counted here. */
const lineCounter = (content: Buffer) => {
  let position = 0;
  let line = 1;
  return (bytes: number): number => {
    line += content.subarray(position, bytes).toString('latin1').match(LINE_END)?.length ?? 0;
    position = bytes;
    return line;
  };
};

/** The errors of the heading: names that are no column, and names that occur twice. */
const headingErrors = (heading: readonly string[], checkColumn: (name: string) => string | undefined) =>
  heading.flatMap((name, at): InputError[] => {
    const message = heading.indexOf(name) < at ? 'occurs twice' : checkColumn(name);
    return message === undefined
      ? []
      : [{ line: 1, field: name === '' ? `column ${at + 1}` : name, message }];
  });

/**
 * Reads CSV with a heading (RFC 4180; also LF, and empty lines). An empty cell is an absent value.
 *
 * @param text without a byte order mark
 * @param checkColumn what is wrong with the name of a column, or `undefined`
 */
export const readCsv = (text: string, checkColumn: (name: string) => string | undefined): Source => {
  const content = Buffer.from(text);
  const lineAt = lineCounter(content);
  const records: ParsedRecord[] = [];
  try {
    parse(content, {
      relax_column_count: true,
      on_record: (record: string[], { bytes }) => {
        records.push({ record, bytes });
        return null;
      },
    });
  } catch (error) {
    if (!isCsvError(error)) throw error;
    const line = lineAt(records.at(-1)?.bytes ?? 0);
    return { rows: [], errors: [{ line, field: 'CSV', message: explainQuotes(error) }] };
  }
  const [heading, ...body] = records;
  if (!heading) return { rows: [], errors: [{ line: 1, field: 'CSV', message: 'the file is empty' }] };
  const names = heading.record.map((name) => name.trim());
  const errors = headingErrors(names, checkColumn);
  if (errors.length > 0) return { rows: [], errors };
  const rows: SourceRow[] = [];
  let line = lineAt(heading.bytes);
  for (const { record, bytes } of body) {
    const isEmpty = record.length === 1 && record[0] === '';
    if (record.length !== names.length && !isEmpty) {
      errors.push({
        line,
        field: 'CSV',
        message: `has ${record.length} cells, but the heading has ${names.length}`,
      });
    } else if (!isEmpty) {
      const cells = names.map((name, at) => [name, record[at] ?? ''] as const);
      rows.push({ line, value: Object.fromEntries(cells.filter(([, cell]) => cell !== '')) });
    }
    line = lineAt(bytes);
  }
  return { rows, errors };
};

const explainQuotes = ({ code }: CsvError): string =>
  code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'the row has a quote that is not closed'
    : 'the row has a quote within a cell: put the whole cell into quotes, and write each quote in it twice';
