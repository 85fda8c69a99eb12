import type { RecordView } from '../../client/index.ts';
import { type AddCommand, requireId } from '../command.ts';
import { downloadPictures, hasPictures } from '../downloads.ts';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.ts';
import { historyLines, positionText, recordLines } from '../record-text.ts';
import { commandLine, type Service, type Session } from '../session.ts';
import { DEFAULT_WAIT, finish, waitForEnd, waitOf } from '../waiting.ts';

interface ShowOptions {
  readonly wait?: string | boolean;
  readonly download?: string;
  readonly force?: boolean;
}

/** The place of a queued request, for people. */
const positionLines = async (
  { client }: Service,
  { position }: RecordView,
  signal: AbortSignal,
): Promise<string[]> => {
  if (!position) return [];
  const account = await client.account({ signal }).catch(() => undefined);
  return [`position  ${positionText(position, account)}`];
};

const show = async (session: Session, options: ShowOptions, id = ''): Promise<ExitCode> => {
  const { out, interruption, targetOptions } = session;
  requireId(id);
  const waitMs = waitOf(options.wait);
  const service = await session.connect();
  out.note(service.label);
  const record =
    waitMs === undefined
      ? await service.client.get(id, { signal: interruption.stop })
      : await waitForEnd(session, service, id, {
          timeoutMs: waitMs,
          copies: options.download !== undefined,
        });
  const files: string[] = [];
  if (options.download !== undefined) {
    if (!hasPictures(record)) {
      const goOn = commandLine(targetOptions, 'show', id, '--wait', '--download', options.download);
      throw new CommandError(
        EXIT.pending,
        'still-pending',
        `${id} is ${record.status}: its pictures are not there yet. To wait: ${goOn}`,
      );
    }
    const settings = { directory: options.download, force: options.force === true };
    files.push(...(await downloadPictures(session, service, record, settings)));
  }
  const position = out.json ? [] : await positionLines(service, record, interruption.stop);
  out.result(files.length > 0 ? { ...record, files } : record, [
    ...recordLines(record, out, files),
    ...position,
    '',
    ...historyLines(record),
  ]);
  // Without --wait the command has done what it was asked for: it showed the record.
  return waitMs === undefined && options.download === undefined ? EXIT.done : finish(session, record);
};

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .description('Show one request, its pictures and its history.')
    .argument('<id>', 'id of the request')
    .option(
      '--wait [duration]',
      `wait until it has ended, for 30s, 10m or 2h; default: ${DEFAULT_WAIT}. The exit code says how it ended`,
    )
    .option('--download <dir>', 'store the pictures in this directory')
    .option('--force', 'replace files that exist')
    .action(run<ShowOptions>(show));
};
