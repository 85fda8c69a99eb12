import * as z from 'zod';
import { photoAvatarRequest } from '../domain/contract.ts';
import { type AvatarRecord, avatarRecord, status } from '../domain/record.ts';

/** A record of the ledger as callers see it. */
export const recordView = z
  .object({
    id: z.string(),
    version: z.int().describe('One more with every change.'),
    status: status.describe(
      'queued: to be submitted. submitting: JoggAI is being called. generating: paid, JoggAI works on it. ' +
        'rejected: not charged, may be asked for again under the same key. in_doubt: perhaps charged.',
    ),
    charged: avatarRecord.shape.charged,
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
    request: photoAvatarRequest.optional(),
    invalid: avatarRecord.shape.invalid.describe('An event that was no valid request, as it came in.'),
    idempotency_key: z.string().optional(),
    resolution: avatarRecord.shape.resolution.describe('How a person settled it.'),
    source: avatarRecord.shape.source.describe('The way it came in.'),
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

export const viewOf = (record: AvatarRecord): RecordView => ({
  id: record.id,
  version: record.version,
  status: record.status,
  charged: record.charged,
  photo_id: record.photoId,
  images: record.images?.map(({ url, copy, refused }) => ({
    url,
    copy: copy && { key: copy.key, content_type: copy.contentType, bytes: copy.bytes },
    refused,
  })),
  error: record.error && {
    code: record.error.code,
    message: record.error.message,
    advice: record.error.advice,
    joggai_code: record.error.joggai?.code,
    joggai_message: record.error.joggai?.message,
  },
  request: record.request,
  invalid: record.invalid,
  idempotency_key: record.idempotencyKey,
  resolution: record.resolution,
  source: record.source,
  caller: record.caller,
  attempts: record.attempts,
  created_at: record.createdAt,
  updated_at: record.updatedAt,
  history: record.history,
});
