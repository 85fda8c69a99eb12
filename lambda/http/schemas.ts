import * as z from 'zod';
import { photoAvatarRequest } from '../domain/contract.ts';
import { avatarRecord, STATUSES, status } from '../domain/record.ts';

// In full zod, which the functions do without: what goes out, for the API's document and for the types of the code that makes it. The functions import the types
// alone: what they send needs no check, and building these schemas would cost every start.

const { shape: recorded } = avatarRecord.def.getter();

/** A record of the ledger as callers see it. */
export const recordView = z
  .object({
    id: z.string(),
    version: z.int().describe('One more with every change.'),
    status: z
      .enum(STATUSES)
      .describe(
        'queued: to be submitted. submitting: JoggAI is being called. generating: paid, JoggAI works on it. ' +
          'rejected: not charged, may be asked for again under the same key. in_doubt: perhaps charged.',
      ),
    charged: recorded.charged,
    photo_id: z.string().optional().describe("JoggAI's id of the generation."),
    images: z
      .array(
        z.object({
          url: z.string().describe("JoggAI's address. Nobody says how long it lives."),
          copy: z.object({ key: z.string(), content_type: z.string(), bytes: z.int() }).optional(),
          refused: z.string().optional().describe('Why there is no copy.'),
          link: z
            .string()
            .optional()
            .describe('To our copy, good for a quarter of an hour. Only where one is looked up.'),
        }),
      )
      .optional(),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        advice: z.string().describe('What to do about it.'),
        joggai_code: z.int().optional(),
        joggai_message: z.string().optional(),
      })
      .optional(),
    request: z.optional(photoAvatarRequest),
    invalid: recorded.invalid,
    idempotency_key: z.string().optional(),
    resolution: recorded.resolution,
    source: recorded.source,
    caller: z.string().describe('Who asked.'),
    attempts: z.int().describe('Paid calls begun for it.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    history: z.array(
      z.object({
        status,
        at: z.iso.datetime(),
        by: z.string().describe('The Lambda invocation that did it.'),
        note: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'PhotoAvatar', description: 'A request for a photo avatar and what became of it.' });

export type RecordView = z.infer<typeof recordView>;

/** The body of every error, `application/problem+json`. */
export const problem = z
  .object({
    type: z.string().describe('Stable name of what is wrong.'),
    title: z.string(),
    status: z.int().describe('The HTTP status, repeated.'),
    detail: z.string().describe('What is wrong here, and what to do about it.'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('What is wrong with each field.'),
    record: recordView.optional().describe('What the ledger holds, where the request was recorded.'),
  })
  .meta({ id: 'Problem', description: 'An error as RFC 9457 describes it.' });

export type Problem = z.infer<typeof problem>;

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

export type AccountBody = z.infer<typeof accountView>;

/** The answer to a dry run: everything but the paid call. */
export const dryRun = z
  .object({
    dry_run: z.literal(true),
    request: photoAvatarRequest,
    api_key: z.enum(['present', 'unset', 'malformed', 'unreadable']),
    account: accountView,
  })
  .meta({ id: 'DryRun' });

/** A page of records. */
export const recordList = z
  .object({
    items: z.array(recordView),
    next_cursor: z.string().optional().describe('Give it as cursor to get the next page.'),
  })
  .meta({ id: 'PhotoAvatarList' });
