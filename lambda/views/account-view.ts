import type { AccountNotes } from '../domain/gate/account-watch.ts';
import type { AccountView } from '../domain/gate/gate.ts';
import { instantOf } from '../domain/record/record.ts';
import type { AccountBody } from './schemas.ts';

/** The JoggAI account in the API. */
export const accountViewOf = (
  { slots, callsToday, dailyCallLimit, rejection }: AccountView,
  { credits, checkedAt }: AccountNotes,
  joggaiUrl: string,
): AccountBody => {
  const at = (milliseconds: number | undefined) =>
    milliseconds === undefined ? undefined : instantOf(milliseconds);
  return {
    state: rejection?.kind ?? 'open',
    reason: rejection?.kind === 'blocked' ? rejection.reason : undefined,
    since: at(rejection && 'since' in rejection ? rejection.since : undefined),
    until: at(rejection && rejection.kind !== 'paused' ? rejection.until : undefined),
    paused_by: rejection?.kind === 'paused' ? rejection.by : undefined,
    slots: { total: slots.total, in_use: slots.inUse },
    calls_today: callsToday,
    daily_call_limit: dailyCallLimit,
    credits: credits && { left: credits.left, at: instantOf(credits.at) },
    checked_at: at(checkedAt),
    joggai_url: joggaiUrl,
  };
};
