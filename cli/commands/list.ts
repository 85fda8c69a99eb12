import type { RecordView } from '../../client/index.ts';
import { STATUSES } from '../../lambda/domain/record/record.ts';
import { didYouMean } from '../closest.ts';
import type { AddCommand } from '../command.ts';
import { EXIT, type ExitCode, usageError } from '../exit-codes.ts';
import { recordTable } from '../record-text.ts';
import type { Session } from '../session.ts';

interface ListOptions {
  readonly status?: string;
  readonly caller?: string;
  readonly limit: string;
}

const DEFAULT_LIMIT = '20';
/** The API's own maximum of records in one answer. */
const MAX_PAGE = 100;

const list = async (session: Session, options: ListOptions): Promise<ExitCode> => {
  const { out, interruption } = session;
  const status = STATUSES.find((known) => known === options.status);
  if (options.status !== undefined && status === undefined) {
    const guess = didYouMean(options.status, STATUSES);
    throw usageError(`--status must be one of ${STATUSES.join(', ')}.${guess} Nothing was sent.`);
  }
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError(
      `--limit is "${options.limit}": it must be a whole number of at least 1. Nothing was sent.`,
    );
  }
  const service = await session.connect();
  out.note(service.label);
  const records: RecordView[] = [];
  const query = {
    ...(status && { status }),
    ...(options.caller !== undefined && { caller: options.caller }),
    pageSize: Math.min(limit, MAX_PAGE),
    signal: interruption.stop,
  };
  for await (const record of service.client.list(query)) {
    records.push(record);
    if (records.length >= limit) break;
  }
  out.result(records, recordTable(records, out));
  if (records.length === 0) out.note('No such requests.');
  else if (records.length === limit) out.note(`The newest ${limit}. For more: --limit N.`);
  return EXIT.done;
};

export const addList: AddCommand = (program, run) => {
  program
    .command('list')
    .description('List requests, newest first.')
    .option('--status <status>', STATUSES.join(', '))
    .option('--caller <caller>', 'only of this caller, exactly as show prints it')
    .option('--limit <n>', 'maximum of requests', DEFAULT_LIMIT)
    .action(run<ListOptions>(list));
};
