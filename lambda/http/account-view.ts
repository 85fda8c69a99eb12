import * as z from 'zod';
import type { AccountNotes } from '../domain/account-watch.ts';
import type { AccountView } from '../domain/gatekeeper.ts';
import { instantOf } from '../domain/record.ts';

export const accountPatch = z
  .strictObject({ paused: z.boolean().describe('true stops all paid calls, false lets them go on.') })
  .meta({ id: 'AccountPatch' });

/** The account as callers see it. */
export const accountView = z
  .object({
    state: z
      .enum(['open', 'blocked', 'paused', 'waiting', 'spent'])
      .describe(
        'open: calls go through. blocked: JoggAI refuses the account. waiting: JoggAI asked for patience or cannot be ' +
          "reached. spent: today's limit is reached.",
      ),
    reason: z
      .enum(['insufficient_credit', 'no_permission', 'invalid_key'])
      .optional()
      .describe('Why it is blocked.'),
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional().describe('When a call may go through again, or the next probe.'),
    paused_by: z.string().optional(),
    slots: z
      .object({ total: z.int(), in_use: z.int() })
      .describe("The account's rate: calls in one window, and those taken."),
    calls_today: z.int().describe('Paid calls since midnight UTC.'),
    daily_call_limit: z.int(),
    credits: z
      .object({ left: z.number(), at: z.iso.datetime() })
      .optional()
      .describe('Credits left at JoggAI when it was last asked.'),
  })
  .meta({ id: 'Account', description: 'What the service may do with the JoggAI account now.' });

export const accountViewOf = (
  { slots, callsToday, dailyCallLimit, closed }: AccountView,
  { credits }: AccountNotes,
) => {
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
  } satisfies z.infer<typeof accountView>;
};
