import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventPublisher } from '../domain/ports.ts';
import { type AvatarRecord, instantOf, type Status } from '../domain/record/record.ts';
import {
  ACCOUNT_DETAIL_TYPES,
  ENDED_DETAIL_TYPES,
  type EndedStatus,
  EVENT_SCHEMA_VERSION,
  EVENT_SOURCE,
} from '../shared/event-names.ts';
import type { PhotoAvatarEndedEvent, PhotoAvatarEvent, Told } from '../shared/event-schemas.ts';
import { requestLimits } from './aws/aws-client.ts';

export interface EventPublisherOptions {
  /** Name or ARN of the bus. */
  readonly busName: string;
  /** Distinguishes services that publish on the same bus. */
  readonly serviceName: string;
  /** The bucket of the image copies. */
  readonly bucketName: string;
  /** Milliseconds for a connection, and for an answer to one attempt. @default 1000 and 3000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * Publishes on EventBridge, at least once: receivers compare `id` and `version`.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const createEventPublisher = ({
  busName,
  serviceName,
  bucketName,
  timeoutMs,
}: EventPublisherOptions): EventPublisher => {
  const client = new EventBridgeClient({
    maxAttempts: 3,
    requestHandler: requestLimits(timeoutMs, { connectMs: 1_000, answerMs: 3_000 }),
  });
  const put = async <Type extends PhotoAvatarEvent['detail-type']>(
    detailType: Type,
    detail: Told<Extract<PhotoAvatarEvent, { 'detail-type': Type }>>,
  ): Promise<void> => {
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: busName,
            Source: EVENT_SOURCE,
            DetailType: detailType,
            Detail: JSON.stringify({ schema_version: EVENT_SCHEMA_VERSION, service: serviceName, ...detail }),
          },
        ],
      }),
    );
    // PutEvents answers 200 even if it accepted no entry.
    if (FailedEntryCount) throw new Error(`EventBridge rejected the event: ${Entries?.[0]?.ErrorCode}`);
  };

  return {
    async recordEnded(record) {
      const { status } = record;
      if (isEnd(status)) await put(ENDED_DETAIL_TYPES[status], endedDetail(record, status, bucketName));
    },
    async accountChanged(change) {
      const since = instantOf(change.since);
      await (change.kind === 'blocked'
        ? put(ACCOUNT_DETAIL_TYPES.blocked, { reason: change.reason, since })
        : put(ACCOUNT_DETAIL_TYPES.unblocked, { at: instantOf(change.at), since }));
    },
  };
};

const isEnd = (status: Status): status is EndedStatus => Object.hasOwn(ENDED_DETAIL_TYPES, status);

/** Identifies the request and its images for receivers, without the personal text of the request. */
const endedDetail = (
  record: AvatarRecord,
  status: EndedStatus,
  bucketName: string,
): Told<PhotoAvatarEndedEvent> => ({
  id: record.id,
  version: record.version,
  status,
  charged: record.charged,
  idempotency_key: record.idempotencyKey,
  correlation_id: record.correlationId,
  source: record.source,
  caller: record.caller,
  photo_id: record.photoId,
  images: (record.images ?? []).map(({ url, key, copy }) => ({
    url,
    key,
    copy: copy && { bucket: bucketName, key: copy.key, content_type: copy.contentType, bytes: copy.bytes },
  })),
  error: record.error && { code: record.error.code, message: record.error.message },
  created_at: record.createdAt,
  ended_at: record.history.at(-1)?.at ?? record.updatedAt,
});
