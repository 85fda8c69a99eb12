import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { AccountChange, Announcer } from '../domain/ports.ts';
import { type AvatarRecord, instantOf, type Status } from '../domain/record.ts';
import { requestLimits } from './aws-client.ts';

/** `source` of every event that goes out. */
export const EVENT_SOURCE = 'photo-avatars';

/** One more with every change of an event's shape that is more than a new field. */
export const EVENT_SCHEMA_VERSION = 1;

/** The `detail-type` of each end that a request can come to. */
export const ENDED_DETAIL_TYPES = {
  succeeded: 'Photo Avatar Succeeded',
  failed: 'Photo Avatar Failed',
  rejected: 'Photo Avatar Rejected',
  in_doubt: 'Photo Avatar In Doubt',
} as const satisfies Partial<Record<Status, string>>;

export const ACCOUNT_DETAIL_TYPES = {
  blocked: 'JoggAI Account Blocked',
  unblocked: 'JoggAI Account Unblocked',
} as const satisfies Record<AccountChange['kind'], string>;

export interface AnnouncerOptions {
  /** Name or ARN of the bus. */
  readonly busName: string;
  /** Tells the events of one service from those of another on the same bus. */
  readonly serviceName: string;
  /** The bucket in which copies of pictures lie. */
  readonly bucketName: string;
  /** Milliseconds for a connection, and for an answer to one attempt. @default 1000 and 3000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * Announces on EventBridge. The same end may be announced twice: receivers compare `id` and `version`.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const createAnnouncer = ({
  busName,
  serviceName,
  bucketName,
  timeoutMs,
}: AnnouncerOptions): Announcer => {
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
    // PutEvents answers 200 even if it took nothing.
    if (FailedEntryCount) throw new Error(`EventBridge refused the event: ${Entries?.[0]?.ErrorCode}`);
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

/** What receivers need to know their request again and to get at its pictures; not what it says about a person. */
const endedDetail = (record: AvatarRecord, bucketName: string) => ({
  id: record.id,
  version: record.version,
  status: record.status,
  charged: record.charged,
  idempotency_key: record.idempotencyKey,
  source: record.source,
  caller: record.caller,
  photo_id: record.photoId,
  images: (record.images ?? []).map(({ url, copy }) => ({
    url,
    copy: copy && { bucket: bucketName, key: copy.key, content_type: copy.contentType, bytes: copy.bytes },
  })),
  error: record.error && { code: record.error.code, message: record.error.message },
  created_at: record.createdAt,
  ended_at: record.history.at(-1)?.at ?? record.updatedAt,
});
