import type { AccountBody, RecordView } from '../client/index.ts';
import type { Output } from './output.ts';
import { printable, tableOf } from './table.ts';

type Style = Parameters<Output['style']>[0];

const STYLES: Partial<Record<string, Style>> = {
  succeeded: 'green',
  failed: 'red',
  rejected: 'red',
  in_doubt: 'magenta',
  open: 'green',
  blocked: 'red',
  paused: 'yellow',
};

const styled = (state: string, out: Output): string => {
  const style = STYLES[state];
  return style ? out.style(style, state) : state;
};

/** Names and values in two columns. */
const fields = (pairs: readonly (readonly [string, string | undefined])[]): string[] => {
  const present = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
};

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : printable(value);

/**
 * How many are ahead of a queued request, and how long that takes at the account's rate.
 *
 * @param account `undefined` if the caller may not read it
 */
export const positionText = (
  { ahead, at_least }: NonNullable<RecordView['position']>,
  account: AccountBody | undefined,
): string => {
  const count = `${at_least ? 'at least ' : ''}${ahead} ahead`;
  if (!account) return count;
  if (account.state !== 'open') return `${count}, no estimate: the account is ${stateText(account)}`;
  const rate = account.slots.total;
  const minutes = Math.ceil((ahead + 1) / rate);
  return `${count}, about ${minutes} minute${minutes === 1 ? '' : 's'} at ${rate} a minute`;
};

/** What is wrong with a record, and what to do, on one line. */
export const errorText = ({ error }: Pick<RecordView, 'error'>): string | undefined =>
  error && printable(`${error.message} ${error.advice}`);

/**
 * One record for people.
 *
 * @param files paths of its downloaded pictures, which are listed instead of their links
 */
export const recordLines = (record: RecordView, out: Output, files: readonly string[] = []): string[] => [
  ...fields([
    ['id', record.id],
    ['status', styled(record.status, out)],
    ['charged', record.charged],
    ['attempts', String(record.attempts)],
    ['key', text(record.idempotency_key)],
    ['caller', text(record.caller)],
    ['created', record.created_at],
    ['version', String(record.version)],
    ['request', record.request && text(Object.values(record.request).join(' · '))],
    ['error', errorText(record)],
    ['resolved', record.resolution && text(`${record.resolution.action}: ${record.resolution.reason}`)],
  ]),
  ...(files.length > 0 ? files : (record.images ?? []).map(({ url, link }) => link ?? url)).map(
    (place, at) => `picture ${at + 1}  ${printable(place)}`,
  ),
];

/** What became of a record, step by step. */
export const historyLines = ({ history }: RecordView): string[] =>
  tableOf(
    ['time', 'status', 'note'],
    history.map(({ at, status, note = '' }) => [at, status, note]),
  );

/** Records as a table. */
export const recordTable = (records: readonly RecordView[], out: Output): string[] => {
  const [heading = '', ...rows] = tableOf(
    ['id', 'status', 'charged', 'created', 'caller', 'error'],
    records.map(({ id, status, charged, created_at, caller, error }) => [
      id,
      status,
      charged,
      created_at.slice(0, 19).replace('T', ' '),
      // The session of a role says more than the ARN before it.
      caller.split('/').slice(-2).join('/'),
      error?.code ?? '',
    ]),
  );
  return records.length === 0 ? [] : [out.style('bold', heading), ...rows];
};

/** Why no paid call is made now, or `open`. */
export const stateText = ({ state, reason, until, paused_by }: AccountBody): string =>
  [
    state,
    reason && `: ${reason}`,
    paused_by && ` by ${printable(paused_by)}`,
    until && `, next call at ${until}`,
  ]
    .filter(Boolean)
    .join('');

/** The account for people. */
export const accountLines = (account: AccountBody, out: Output): string[] =>
  fields([
    ['state', styled(account.state, out) + stateText(account).slice(account.state.length)],
    ['slots', `${account.slots.in_use} of ${account.slots.total} in use`],
    ['calls', `${account.calls_today} of ${account.daily_call_limit} today (UTC)`],
    ['credits', account.credits && `${account.credits.left} at ${account.credits.at}`],
    ['JoggAI', account.joggai_url],
  ]);
