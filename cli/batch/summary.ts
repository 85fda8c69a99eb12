import { writeWhole } from '../downloads.ts';
import { EXIT, type ExitCode, mostSerious } from '../exit-codes.ts';
import { commandLine, type Session } from '../session.ts';
import { printable, tableOf } from '../table.ts';
import { countsOf } from './progress.ts';
import type { Batch } from './read-requests.ts';
import { exitOfRow, type RowResult, resultOf, resultsText } from './results.ts';
import type { Progress } from './run.ts';

interface Ended {
  readonly file: string;
  readonly batch: Batch;
  readonly progress: Progress;
}

/** Lines of a table on a screen. The file with the results has all of them. */
const MAX_LINES = 20;

const failureTable = (title: string, results: readonly RowResult[]): string[] => {
  if (results.length === 0) return [];
  const shown = results.slice(0, MAX_LINES);
  const rows = shown.map(({ line, id = '', status, charged, message = '' }) => [
    String(line),
    id,
    status,
    charged,
    message,
  ]);
  const more = results.length - shown.length;
  return [
    '',
    title,
    ...tableOf(['line', 'id', 'status', 'charged', 'message'], rows),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
};

/** Writes the file with the results, prints the summary, and says how to go on. */
export const printSummary = async (session: Session, { file, batch, progress }: Ended): Promise<ExitCode> => {
  const { out, interruption, targetOptions } = session;
  const results = batch.rows.map((row) => resultOf(row, progress));
  const resultsFile = `${file}.results.${batch.format}`;
  await writeWhole(resultsFile, resultsText(batch, results));
  const codes = batch.rows.map((row) => exitOfRow(row, progress));
  const code = interruption.stop.aborted ? EXIT.interrupted : mostSerious(codes);
  const inDoubt = results.filter(({ status }) => status === 'in_doubt');
  const failures = results.filter(({ status, error }) => status !== 'in_doubt' && error !== undefined);
  const isUnfinished = codes.includes(EXIT.pending) || results.some(({ status }) => status === 'not_sent');
  const isRejected = failures.some(({ status, charged }) => status === 'rejected' && charged === 'no');
  const again = (...options: string[]) => commandLine(targetOptions, 'batch', file, '--yes', ...options);
  const counts = countsOf(results);
  out.result(
    {
      batch: batch.name,
      total: results.length,
      counts: Object.fromEntries(counts),
      results_file: resultsFile,
      failures,
      in_doubt: inDoubt,
      ...(isUnfinished && { go_on: again() }),
      ...(isRejected && { retry: again('--retry-rejected') }),
    },
    [
      `${results.length} requests: ${[...counts].map(([status, count]) => `${status.replace('_', ' ')} ${count}`).join(' · ')}`,
      `Results: ${printable(resultsFile)}`,
      ...failureTable('Failed or rejected:', failures),
      ...failureTable(
        'In doubt, possibly charged. A person decides about each one (photo-avatars resolve):',
        inDoubt,
      ),
    ],
  );
  if (isRejected)
    out.note(`To send the rejected ones again, which were not charged: ${again('--retry-rejected')}`);
  if (isUnfinished) out.note(`Not all have ended. To go on, without paying twice: ${again()}`);
  return code;
};
