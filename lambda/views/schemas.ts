import * as z from 'zod';
import { RECORD_ACTIONS } from '../domain/record/actions.ts';
import { avatarRecord, STATUSES, status } from '../domain/record/record.ts';
import { photoAvatarRequest } from '../domain/request/contract.ts';

// The responses, in full zod, for the OpenAPI document and for types. The functions import the types alone: responses
// need no validation, and building these schemas would slow every start.

const { shape: recorded } = avatarRecord.def.getter();

/** A record of the ledger in the API. */
export const recordView = z
  .object({
    id: z.string(),
    version: z.int().describe('Incremented with every change.'),
    status: z
      .enum(STATUSES)
      .describe(
        'queued: waits to be submitted. submitting: JoggAI is being called. generating: paid, JoggAI is working on it. ' +
          'rejected: not charged, may be sent again under the same key. in_doubt: may have been charged. ' +
          'cancelled: taken back while it was queued.',
      ),
    charged: recorded.charged,
    photo_id: z.string().optional().describe("JoggAI's id of the generation."),
    images: z
      .array(
        z.object({
          url: z
            .string()
            .describe('At JoggAI, which does not document how long it works. JoggAI adds motion to it.'),
          key: z.string().optional().describe("JoggAI's own key of the picture. Absent if JoggAI gave none."),
          copy: z
            .object({
              bucket: z.string(),
              key: z.string().describe('In the bucket.'),
              content_type: z.string(),
              bytes: z.int(),
            })
            .optional()
            .describe("The copy in the service's bucket, which stays."),
          refused: z.string().optional().describe('Why there is no copy.'),
          link: z
            .string()
            .optional()
            .describe('A link to the copy, valid for 15 minutes. Only in the response for one record.'),
        }),
      )
      .optional(),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        advice: z.string().describe('What to do.'),
        joggai_code: z.int().optional(),
        joggai_message: z.string().optional(),
      })
      .optional(),
    request: z.optional(photoAvatarRequest),
    invalid: recorded.invalid,
    idempotency_key: z.string().optional(),
    correlation_id: z
      .string()
      .optional()
      .describe('The id by which the logs find it: of the first request under its key.'),
    resolution: recorded.resolution,
    erasure: recorded.erasure,
    erased_at: z.iso
      .datetime()
      .optional()
      .describe('When the copies of the images were deleted, too. Absent while they are being deleted.'),
    source: recorded.source,
    caller: z.string().describe('The caller: an ARN, a token subject, or an event source.'),
    attempts: z.int().describe('Paid calls started for it.'),
    actions: z
      .array(z.enum(RECORD_ACTIONS))
      .describe(
        'What may be done with it now, by a caller whose role allows it. resubmit and close are the actions of a resolution.',
      ),
    position: z
      .object({
        ahead: z.int().describe('Queued requests that are submitted before it.'),
        at_least: z.literal(true).optional().describe('There may be more: not all of them were counted.'),
      })
      .optional()
      .describe('Its place in the queue. Only of a queued one, and only in the response for one record.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    history: z.array(
      z.object({
        status,
        at: z.iso.datetime(),
        by: z.string().describe('The Lambda invocation that made the change.'),
        note: z.string().optional(),
        version: z.int().optional().describe("The record's version after the change."),
      }),
    ),
  })
  .meta({ id: 'PhotoAvatar', description: 'A request for a photo avatar, and its state.' });

export type RecordView = z.infer<typeof recordView>;

/** The body of every error, `application/problem+json`. */
export const problem = z
  .object({
    type: z.string().describe('Stable name of the problem.'),
    title: z.string(),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What is wrong, and what to do.'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('The errors of each field.'),
    record: recordView.optional().describe('The record, if the request was recorded.'),
  })
  .meta({ id: 'Problem', description: 'An error as RFC 9457 describes it.' });

export type Problem = z.infer<typeof problem>;

/** The JoggAI account in the API. */
export const accountView = z
  .object({
    state: z
      .enum(['open', 'blocked', 'paused', 'backing_off', 'daily_limit_reached'])
      .describe(
        'open: calls are made. blocked: JoggAI refuses the account. paused: no calls until an operator resumes them. ' +
          'backing_off: JoggAI answered 429, could not be reached, or (with since) failed repeatedly. ' +
          'daily_limit_reached: no more calls today.',
      ),
    reason: z
      .enum(['insufficient_credit', 'no_permission', 'invalid_key'])
      .optional()
      .describe('Why it is blocked.'),
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional().describe('When the next call or probe is allowed.'),
    paused_by: z
      .string()
      .optional()
      .describe('The caller who paused it, or the service because its ledger was restored.'),
    slots: z
      .object({ total: z.int(), in_use: z.int() })
      .describe("The account's rate: slots in one window, and those in use."),
    calls_today: z.int().describe('Paid calls since midnight UTC.'),
    daily_call_limit: z.int(),
    credits: z
      .object({ left: z.number(), at: z.iso.datetime() })
      .optional()
      .describe('Credits left at JoggAI at the last check that JoggAI answered.'),
    checked_at: z.iso
      .datetime()
      .optional()
      .describe('When dispatch last checked the account. It runs every minute.'),
    joggai_url: z.string().describe('Where paid calls go: JoggAI, or a simulator, which charges nothing.'),
  })
  .meta({ id: 'Account', description: 'The state of the JoggAI account.' });

export type AccountBody = z.infer<typeof accountView>;

/** The response to a dry run: everything but the paid call. */
export const dryRun = z
  .object({
    dry_run: z.literal(true),
    request: photoAvatarRequest,
    api_key: z.enum(['present', 'unset', 'malformed', 'unreadable']),
    account: accountView,
    owner: z
      .string()
      .describe('Whose idempotency keys the caller uses. All sessions of a role, for example, share theirs.'),
  })
  .meta({ id: 'DryRun' });

export type DryRun = z.infer<typeof dryRun>;

/** A page of records. */
export const recordList = z
  .object({
    items: z.array(recordView),
    next_cursor: z
      .string()
      .optional()
      .describe('Pass it as cursor to get the next page. Absent on the last page.'),
  })
  .meta({ id: 'PhotoAvatarList' });
