import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventPublisher } from '../domain/ports.ts';
import { type AvatarRecord, instantOf, type Status } from '../domain/record/record.ts';
import {
  ACCOUNT_DETAIL_TYPES,
  ENDED_DETAIL_TYPES,
  EVENT_SCHEMA_VERSION,
  EVENT_SOURCE,
} from '../shared/event-names.ts';
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
  const put = async (detailType: string, detail: object): Promise<void> => {
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
      const detailType = detailTypeOf(record);
      if (detailType) await put(detailType, endedDetail(record, bucketName));
    },
    async accountChanged(change) {
      await put(ACCOUNT_DETAIL_TYPES[change.kind], {
        ...(change.kind === 'blocked' ? { reason: change.reason } : { at: instantOf(change.at) }),
        since: instantOf(change.since),
      });
    },
  };
};

const detailTypeOf = ({ status }: AvatarRecord): string | undefined => {
  const types: Partial<Record<Status, string>> = ENDED_DETAIL_TYPES;
  return types[status];
};

/** Identifies the request and its images for receivers, without the personal text of the request. */
const endedDetail = (record: AvatarRecord, bucketName: string) => ({
  id: record.id,
  version: record.version,
  status: record.status,
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
