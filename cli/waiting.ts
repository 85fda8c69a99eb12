import { isWaitTimeout, type RecordView } from '../client/index.ts';
import { durationText, readDuration } from './durations.ts';
import { CommandError, EXIT, type ExitCode, exitOfRecord } from './exit-codes.ts';
import { stateText } from './record-text.ts';
import { commandLine, type Service, type Session } from './session.ts';

/** How long `--wait` waits, in milliseconds. */
export const DEFAULT_WAIT = '10m';

/** The value of `--wait [duration]`: milliseconds, or `undefined` if it was not given. */
export const waitOf = (wait: string | boolean | undefined): number | undefined => {
  if (wait === undefined || wait === false) return undefined;
  return readDuration(wait === true ? DEFAULT_WAIT : wait);
};

/** Why a queued request waits: the account's state, where the caller may read it. */
const reasonOf = async ({ client }: Service, { interruption }: Session): Promise<string> => {
  const account = await client.account({ signal: interruption.stop }).catch(() => undefined);
  return account && account.state !== 'open' ? ` (account ${stateText(account)})` : '';
};

/**
 * Waits until a request has ended, and shows each change of its status. Never cancels it.
 *
 * @throws CommandError with the exit code for pending, if it has not ended in time
 */
export const waitForEnd = async (
  session: Session,
  service: Service,
  id: string,
  { timeoutMs, copies }: { readonly timeoutMs: number; readonly copies: boolean },
): Promise<RecordView> => {
  const { out, interruption, targetOptions } = session;
  const start = Date.now();
  let status = '';
  let reason = '';
  const show = (): void => out.progress(`${id}  ${status}${reason}`);
  const onChange = (record: RecordView): void => {
    status = record.status;
    reason = '';
    show();
    if (status !== 'queued') return;
    // The reason is an addition to the line; the wait does not depend on it.
    void reasonOf(service, session).then((found) => {
      reason = found;
      if (found !== '' && status === 'queued') show();
    });
  };
  try {
    return await service.client.waitFor(id, { timeoutMs, copies, signal: interruption.stop, onChange });
  } catch (error) {
    const goOn = commandLine(targetOptions, 'show', id, '--wait');
    if (interruption.stop.aborted) out.note(`${id} continues at the service. To wait again: ${goOn}`);
    if (!isWaitTimeout(error)) throw error;
    throw new CommandError(
      EXIT.pending,
      'still-pending',
      `${id} is ${status || 'pending'} after ${durationText(Date.now() - start)}. It continues at the service. To wait again: ${goOn}`,
      { record: error.record },
    );
  }
};

/** What a person can do about a request that did not succeed, or nothing. */
export const nextStep = ({ targetOptions }: Session, { id, status }: RecordView): string | undefined => {
  if (status !== 'in_doubt' && status !== 'failed') return undefined;
  const close = commandLine(targetOptions, 'resolve', id, '--action', 'close', '--reason', 'TEXT');
  return `It may have been charged. Check it at JoggAI, then decide: ${close} (or --action resubmit, which may pay again).`;
};

export const finish = (session: Session, record: RecordView): ExitCode => {
  const next = nextStep(session, record);
  if (next !== undefined) session.out.note(next);
  return exitOfRecord(record);
};
