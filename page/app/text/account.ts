import type { AccountBody } from '../../../client/index.ts';
import { momentText } from './durations.ts';

export interface StateText {
  readonly name: string;
  readonly tone: 'good' | 'warn' | 'bad';
  /** Why no paid call is made. Absent while the account is open. */
  readonly why?: string;
  /** What ends it. */
  readonly end?: string;
}

const BLOCKED: Readonly<Record<NonNullable<AccountBody['reason']>, { why: string; end: string }>> = {
  insufficient_credit: {
    why: 'The JoggAI account has no credit left.',
    end: 'Top up the JoggAI account',
  },
  no_permission: {
    why: 'The JoggAI account has no permission to call the API.',
    end: 'Check the plan of the JoggAI account',
  },
  invalid_key: {
    why: 'JoggAI does not accept the API key.',
    end: 'Put a valid key into the secret',
  },
};

/** Whether paid calls are made now: why not, and what ends it. */
export const stateText = (account: AccountBody, now: number): StateText => {
  const { state, reason, until, since, paused_by: pausedBy } = account;
  const at = until === undefined ? undefined : momentText(until, now);
  switch (state) {
    case 'open':
      return { name: 'Open', tone: 'good' };
    case 'paused':
      return {
        name: 'Paused',
        tone: 'warn',
        why: `Paid calls are paused${pausedBy ? ` by ${pausedBy}` : ''}. Queued requests wait.`,
        end: 'They start again when an operator resumes them.',
      };
    case 'blocked': {
      const text = reason
        ? BLOCKED[reason]
        : { why: 'JoggAI refuses the account.', end: 'Check the account' };
      const test = at ? ` The service tests it with one call after ${at}.` : '';
      return {
        name: 'Blocked',
        tone: 'bad',
        why: `${text.why} Queued requests wait.`,
        end: `${text.end}.${test}`,
      };
    }
    case 'backing_off':
      return {
        name: 'Backing off',
        tone: 'warn',
        why: since ? 'JoggAI failed repeatedly.' : 'JoggAI asked to wait, or could not be reached.',
        end: at ? `The next call is made after ${at}.` : 'Calls start again when JoggAI recovers.',
      };
    case 'daily_limit_reached':
      return {
        name: 'At its daily limit',
        tone: 'warn',
        why: `All ${account.daily_call_limit} calls of the day are made.`,
        end: at ? `Calls start again at ${at}.` : 'Calls start again at midnight UTC.',
      };
    default:
      return { name: state satisfies never, tone: 'warn' };
  }
};
