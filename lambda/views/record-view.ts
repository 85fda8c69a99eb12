import { actionsOf } from '../domain/record/actions.ts';
import type { AvatarRecord } from '../domain/record/record.ts';
import type { RecordView } from './schemas.ts';

/** The record as callers see it. */
export type ViewOf = (record: AvatarRecord) => RecordView;

/** @param bucketName of the image copies */
export const createViewOf =
  (bucketName: string): ViewOf =>
  (record) => ({
    id: record.id,
    version: record.version,
    status: record.status,
    charged: record.charged,
    photo_id: record.photoId,
    images: record.images?.map(({ url, key, copy, refused }) => ({
      url,
      key,
      copy: copy && { bucket: bucketName, key: copy.key, content_type: copy.contentType, bytes: copy.bytes },
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
    correlation_id: record.correlationId,
    resolution: record.resolution,
    erasure: record.erasure,
    erased_at: record.erasedAt,
    source: record.source,
    caller: record.caller,
    attempts: record.attempts,
    actions: actionsOf(record),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    history: record.history,
  });
