import type { AccountBody, RecordView } from '../../../client/index.ts';
import { stateText } from './account.ts';

export interface Turn {
  /** Where it waits: `3 requests are ahead of it.` */
  readonly place: string;
  /** When its turn comes, or why that is not known. */
  readonly time: string;
}

/**
 * When a queued request's turn comes. Each slot is one call a minute, so the slots of the account are its rate.
 *
 * @returns `undefined` if it is not queued, or its place is not known
 */
export const turnOf = (
  { position, status }: Pick<RecordView, 'position' | 'status'>,
  account: AccountBody | undefined,
  now: number,
): Turn | undefined => {
  if (status !== 'queued' || position === undefined) return undefined;
  const { ahead, at_least: atLeast = false } = position;
  const place =
    ahead === 0
      ? 'It is the first in the line.'
      : `${atLeast ? 'At least ' : ''}${ahead.toLocaleString('en')} ${ahead === 1 ? 'request is' : 'requests are'} ahead of it.`;
  if (account === undefined) return { place, time: 'No estimate: the rate of the account is not known.' };
  if (account.state !== 'open') {
    const { name, why = '', end = '' } = stateText(account, now);
    return { place, time: `No estimate while the account is ${name.toLowerCase()}. ${why} ${end}` };
  }
  const minutes = Math.max(1, Math.ceil((ahead + 1) / account.slots.total));
  return {
    place,
    time: `Its turn comes in about ${minutes.toLocaleString('en')} ${minutes === 1 ? 'minute' : 'minutes'}${atLeast ? ' or more' : ''}, at ${account.slots.total} calls a minute.`,
  };
};
