import type { DryRun } from '../../client/index.ts';
import { hasEnded } from '../../client/index.ts';
import { CREDITS_PER_CALL } from '../../lambda/domain/gate/account-watch.ts';
import { lockBatch } from '../batch/lock.ts';
import { createTenths, minutesLeft, progressText } from '../batch/progress.ts';
import { type Batch, type BatchRow, readRequests } from '../batch/read-requests.ts';
import { followRows, isEnded, type Progress, sendRows } from '../batch/run.ts';
import { openState, type StateFile } from '../batch/state-file.ts';
import { printSummary } from '../batch/summary.ts';
import type { AddCommand } from '../command.ts';
import { requireConsent } from '../consent.ts';
import { downloadPictures, hasPictures } from '../downloads.ts';
import { type ExitCode, usageError } from '../exit-codes.ts';
import { stateText } from '../record-text.ts';
import type { Service, Session } from '../session.ts';
import { waitOf } from '../waiting.ts';

interface BatchOptions {
  readonly batch?: string;
  /** Absent: wait without a limit. */
  readonly wait?: string | false;
  readonly download?: string;
  readonly force?: boolean;
  readonly maxCalls?: string;
  readonly retryRejected?: boolean;
  readonly yes?: boolean;
}

const readMaxCalls = (text: string | undefined): number => {
  const maximum = Number(text ?? Number.POSITIVE_INFINITY);
  if (maximum >= 1 && (text === undefined || Number.isInteger(maximum))) return maximum;
  throw usageError(`--max-calls is "${text}": it must be a whole number of at least 1. Nothing was sent.`);
};

/** @throws CommandError if the earlier run was another batch, went to another service, or sent another request */
const checkState = (file: string, batch: Batch, state: StateFile, url: string, { owner }: DryRun): void => {
  const { head, sent } = state;
  const changed = batch.rows
    .filter(({ key, hash }) => sent.has(key) && sent.get(key) !== hash)
    .map(({ line }) => ({
      line,
      field: 'idempotency_key',
      message: 'was sent with another request: give the changed request another key',
    }));
  if (changed.length > 0) throw usageError(`"${file}" has changed rows. Nothing was sent.`, changed);
  if (!head) return;
  const differing = [
    ['batch', head.batch, batch.name],
    ['service', head.service, url],
    ['caller', head.owner, owner],
  ].find(([, before, now]) => before !== undefined && now !== undefined && before !== now);
  if (!differing) return;
  const [what, before, now] = differing;
  throw usageError(
    `The ${what} of the earlier run is ${before}, now it is ${now}: the same requests would be paid for again. ` +
      `Nothing was sent. Use the earlier one, or copy "${file}" to another name to start anew.`,
  );
};

const planText = (file: string, rows: readonly BatchRow[], added: number, { account }: DryRun): string => {
  const { slots, credits, calls_today: calls, daily_call_limit: limit } = account;
  const needed = Number((added * CREDITS_PER_CALL).toFixed(2));
  return [
    `${file}: ${rows.length} requests, ${added} to send, ${rows.length - added} accepted before`,
    ...(added === 0
      ? []
      : [
          `about ${needed} credits${credits ? ` of ${credits.left}` : ''}`,
          `${calls} of ${limit} calls made today`,
          `about ${minutesLeft(added, slots.total)} at ${slots.total} calls a minute`,
        ]),
    ...(account.state === 'open' ? [] : [`the account is ${stateText(account)}: requests wait in the queue`]),
  ].join(' · ');
};

interface Running {
  readonly file: string;
  readonly batch: Batch;
  readonly state: StateFile;
  readonly service: Service;
  readonly options: BatchOptions;
  readonly maxCalls: number;
}

const createProgress = ({ out }: Session, { rows }: Batch, { outcomes }: StateFile): Progress => {
  const [acceptedTenth, endedTenth] = [createTenths(rows.length), createTenths(rows.length)];
  const progress: Progress = {
    outcomes: new Map(outcomes),
    errors: new Map(),
    onChange() {
      const known = rows.flatMap(({ key }) => progress.outcomes.get(key) ?? []);
      const ended = known.filter((outcome) => isEnded(outcome)).length;
      const isNews = [acceptedTenth(known.length), endedTenth(ended)].includes(true);
      if (out.isTerminal || isNews) out.progress(progressText(rows.length, known));
    },
  };
  return progress;
};

const runBatch = async (session: Session, running: Running): Promise<ExitCode> => {
  const { interruption, out } = session;
  const { file, batch, state, service, options, maxCalls } = running;
  const { rows } = batch;
  const [first] = rows;
  if (!first) throw new Error('A batch has at least one row.');
  const check = await service.dryRun(first.request);
  checkState(file, batch, state, service.url, check);
  const progress = createProgress(session, batch, state);
  const isToSend = ({ key }: BatchRow): boolean => {
    const outcome = progress.outcomes.get(key);
    return (
      !outcome ||
      (options.retryRejected === true && outcome.status === 'rejected' && outcome.charged === 'no')
    );
  };
  const toSend = rows.filter(isToSend);
  out.note(planText(file, rows, toSend.length, check));
  if (toSend.length > 0 && !options.yes) {
    const question = `${Math.min(toSend.length, maxCalls)} paid calls follow.`;
    await requireConsent({ question, expected: 'yes', option: '--yes', signal: interruption.stop });
  }
  if (!state.head) await state.writeHead({ batch: batch.name, service: service.url, owner: check.owner });
  await sendRows(toSend, { session, service, state, progress, maxCalls });
  if (options.wait !== false && !interruption.stop.aborted) {
    const { download, force = false } = options;
    const pending = rows.filter(({ key }) => {
      const outcome = progress.outcomes.get(key);
      const lacksPictures = download !== undefined && outcome?.status === 'succeeded' && !outcome.files;
      return !isEnded(outcome) || lacksPictures;
    });
    await followRows(pending, {
      session,
      service,
      state,
      progress,
      callsPerWindow: check.account.slots.total,
      deadline:
        options.wait === undefined ? Number.POSITIVE_INFINITY : Date.now() + (waitOf(options.wait) ?? 0),
      isComplete: download === undefined ? hasEnded : hasPictures,
      onComplete: async (record) =>
        download === undefined
          ? []
          : downloadPictures(session, service, record, { directory: download, force }),
    });
  }
  return printSummary(session, { file, batch, progress });
};

const runFile = async (session: Session, options: BatchOptions, file = ''): Promise<ExitCode> => {
  const maxCalls = readMaxCalls(options.maxCalls);
  if (typeof options.wait === 'string') waitOf(options.wait);
  const batch = await readRequests(file, options.batch);
  const service = await session.connect({ maxRetries: 8 });
  const unlock = await lockBatch(`${file}.lock`);
  try {
    const state = await openState(`${file}.state.jsonl`);
    try {
      return await runBatch(session, { file, batch, state, service, options, maxCalls });
    } finally {
      await state.close();
    }
  } finally {
    await unlock();
  }
};

export const addBatch: AddCommand = (program, run) => {
  program
    .command('batch')
    .description(
      'Request every photo avatar of a CSV or JSONL file. Its columns are the fields of a request, and idempotency_key if wanted. ' +
        'The same command again continues it and pays nothing twice.',
    )
    .argument('<file>', 'file that ends in .csv or .jsonl')
    .option('--yes', 'send without a question')
    .option('--max-calls <n>', 'send at most so many requests in this run')
    .option('--batch <name>', "name of the batch, part of the keys; default: the file's name")
    .option('--wait <duration>', 'wait until all have ended, at most for 30m or 2h; default: without a limit')
    .option('--no-wait', 'end when all are accepted')
    .option('--download <dir>', 'store the pictures in this directory')
    .option('--force', 'replace files that exist')
    .option('--retry-rejected', 'send rejected requests again, under their keys; they were not charged')
    .action(run<BatchOptions>(runFile));
};
