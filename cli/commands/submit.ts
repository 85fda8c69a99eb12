import { type DryRun, newIdempotencyKey, type RecordView } from '../../client/index.ts';
import type { AddCommand } from '../command.ts';
import { downloadPictures } from '../downloads.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { accountLines, recordLines } from '../record-text.ts';
import { addRequestOptions, requestIn } from '../request-options.ts';
import type { Session } from '../session.ts';
import { printable } from '../table.ts';
import { DEFAULT_WAIT, finish, waitForEnd, waitOf } from '../waiting.ts';

interface SubmitOptions extends Readonly<Record<string, unknown>> {
  readonly key?: string;
  readonly wait?: string | boolean;
  readonly download?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Whether the service would make the paid call now. */
const wouldRefuse = ({ api_key, account }: DryRun): boolean =>
  api_key !== 'present' || ['paused', 'blocked', 'daily_limit_reached'].includes(account.state);

const printDryRun = ({ out }: Session, answer: DryRun): ExitCode => {
  out.result(answer, [
    'The request is valid. Nothing was submitted or charged.',
    `api key  ${answer.api_key}`,
    ...accountLines(answer.account, out),
  ]);
  return wouldRefuse(answer) ? EXIT.refused : EXIT.done;
};

const submit = async (session: Session, options: SubmitOptions): Promise<ExitCode> => {
  const { out, interruption } = session;
  const request = requestIn(options);
  const waitMs = waitOf(options.wait ?? (options.download === undefined ? undefined : true));
  const service = await session.connect();
  const answer = await service.dryRun(request);
  if (options.dryRun) return printDryRun(session, answer);
  const idempotencyKey = options.key ?? newIdempotencyKey();
  // Before the call: if the answer is lost, the same command with this key pays nothing twice.
  out.note(`Key: ${printable(idempotencyKey)}`);
  const { record: submitted, replayed } = await service.client.submit(request, {
    idempotencyKey,
    signal: interruption.abandon,
  });
  out.note(`Id:  ${submitted.id}${replayed ? ' (requested before under this key; not paid for again)' : ''}`);
  const print = (record: RecordView, files: readonly string[] = []): void =>
    out.result(files.length > 0 ? { ...record, files } : record, [...recordLines(record, out, files)]);
  if (interruption.stop.aborted || waitMs === undefined) {
    print(submitted);
    return interruption.stop.aborted ? EXIT.interrupted : finish(session, submitted);
  }
  const record = await waitForEnd(session, service, submitted.id, {
    timeoutMs: waitMs,
    copies: options.download !== undefined,
  });
  const files =
    options.download === undefined
      ? []
      : await downloadPictures(session, service, record, {
          directory: options.download,
          force: options.force === true,
        });
  print(record, files);
  return finish(session, record);
};

export const addSubmit: AddCommand = (program, run) => {
  const command = program
    .command('submit')
    .description('Request one photo avatar. Paid for at most once under its key.');
  addRequestOptions(command);
  command
    .option(
      '--key <key>',
      'idempotency key: repeating the command with it pays nothing twice; default: a new one',
    )
    .option('--wait [duration]', `wait until it has ended, for 30s, 10m or 2h; default: ${DEFAULT_WAIT}`)
    .option('--download <dir>', 'wait, then store the pictures in this directory')
    .option('--force', 'replace files that exist')
    .option('--dry-run', 'check everything at the service, submit and pay nothing')
    .action(run<SubmitOptions>(submit));
};
