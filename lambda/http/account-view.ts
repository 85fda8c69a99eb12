import type { AccountNotes } from '../domain/account-watch.ts';
import type { AccountView } from '../domain/gatekeeper.ts';
import { instantOf } from '../domain/record.ts';
import type { AccountBody } from './schemas.ts';

/** The account as callers see it. */
export const accountViewOf = (
  { slots, callsToday, dailyCallLimit, closed }: AccountView,
  { credits }: AccountNotes,
): AccountBody => {
  const at = (milliseconds: number | undefined) =>
    milliseconds === undefined ? undefined : instantOf(milliseconds);
  return {
    state: closed?.kind ?? 'open',
    reason: closed?.kind === 'blocked' ? closed.reason : undefined,
    since: at(closed?.kind === 'blocked' || closed?.kind === 'paused' ? closed.since : undefined),
    until: at(closed && closed.kind !== 'paused' ? closed.until : undefined),
    paused_by: closed?.kind === 'paused' ? closed.by : undefined,
    slots: { total: slots.total, in_use: slots.inUse },
    calls_today: callsToday,
    daily_call_limit: dailyCallLimit,
    credits: credits && { left: credits.left, at: instantOf(credits.at) },
  };
};
