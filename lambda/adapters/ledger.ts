import { randomUUID } from 'node:crypto';
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  AllOpenRecords,
  Ledger,
  ListPosition,
  ListQuery,
  OldestRecord,
  OpenPosition,
  OpenRecords,
  RecordList,
} from '../domain/ports.ts';
import {
  type AvatarRecord,
  avatarRecord,
  instantOf,
  mayExpire,
  STATUSES,
  type Status,
} from '../domain/record/record.ts';
import { UnreadableItem } from '../domain/unreadable-item.ts';
import { LEDGER_SCHEMA, MAX_PARTITION_KEY_BYTES } from '../shared/table.ts';
import { conflictOf, type Item, toItem } from './aws/dynamodb.ts';
import { type OnUnreadable, readItem } from './read-item.ts';

const { byCaller, byStatus, open } = LEDGER_SCHEMA.indexes;

/** The sort key of a record within its status: unique, in order of creation. */
const createdKey = ({ createdAt, id }: ListPosition): string => `${createdAt}#${id}`;

/** A caller as an index can hold it. Only a token or a message that was made by hand has another one. */
const indexable = (caller: string): string => {
  if (caller === '') return 'unknown';
  // A character of JavaScript has at most 3 bytes in UTF-8.
  return Buffer.byteLength(caller) <= MAX_PARTITION_KEY_BYTES
    ? caller
    : caller.slice(0, MAX_PARTITION_KEY_BYTES / 4);
};

/** At most `limit` records. What comes after them is not read. */
const firstOf = async (records: AsyncIterable<AvatarRecord>, limit: number): Promise<AvatarRecord[]> => {
  const found: AvatarRecord[] = [];
  for await (const record of records) {
    found.push(record);
    if (found.length === limit) break;
  }
  return found;
};

/** Merges lists that are each newest first. */
const newestFirst = async function* (
  lists: readonly AsyncGenerator<AvatarRecord, undefined>[],
): AsyncGenerator<AvatarRecord, undefined> {
  const sources = await Promise.all(lists.map(async (list) => ({ list, head: (await list.next()).value })));
  for (;;) {
    const heads = sources.flatMap(({ head }) => head ?? []);
    const [newest] = heads.sort((one, other) => (createdKey(one) < createdKey(other) ? 1 : -1));
    if (!newest) return;
    yield newest;
    for (const source of sources) {
      // A record that changes its status meanwhile may be found under both statuses.
      if (source.head?.id === newest.id) source.head = (await source.list.next()).value;
    }
  }
};

export interface LedgerOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Days after which a record is deleted that has neither work nor a decision left. @default never */
  readonly retentionDays?: number | undefined;
  readonly onUnreadable?: OnUnreadable | undefined;
}

const DAY_SECONDS = 24 * 60 * 60;

/** A count ends here, so that the place in a long queue costs no more than one small page of it. */
export const MAX_COUNTED = 1_000;

/**
 * The ledger in DynamoDB. Each write replaces the whole item on condition of its version, and carries a write id: the
 * SDK repeats a write whose answer was lost, and must recognize its own first attempt.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
 */
export const createLedger = ({
  client,
  tableName,
  retentionDays,
  onUnreadable,
}: LedgerOptions): Ledger & RecordList & OpenRecords & OpenPosition & AllOpenRecords & OldestRecord => {
  /** In epoch seconds, as DynamoDB's TTL requires. */
  const expiresAt = (record: AvatarRecord): number | undefined =>
    retentionDays === undefined || !mayExpire(record)
      ? undefined
      : Math.floor(Date.parse(record.updatedAt) / 1_000) + retentionDays * DAY_SECONDS;

  const recordIn = (item: Item): AvatarRecord | undefined =>
    readItem((parts) => avatarRecord.safeParse(parts), item, onUnreadable);

  const requireRecord = (id: string, item: Item): AvatarRecord => {
    const record = recordIn(item);
    if (record) return record;
    throw new UnreadableItem(
      id,
      'Nothing was changed or charged by this call. Its request may have been charged before: do not send it under another key.',
    );
  };

  const read = async (id: string): Promise<Item | undefined> =>
    (
      await client.send(
        new GetItemCommand({ TableName: tableName, Key: toItem({ id }), ConsistentRead: true }),
      )
    ).Item;

  /**
   * The records of a query, read page by page as they are needed: DynamoDB ends a page at 1 MB, whatever its limit.
   *
   * @param pageSize of the first page; it doubles, so that many unwanted records cost few round trips
   */
  const recordsOf = async function* (
    query: Omit<QueryCommandInput, 'TableName' | 'Limit'>,
    pageSize: number,
  ): AsyncGenerator<AvatarRecord, undefined> {
    let start = query.ExclusiveStartKey;
    for (let limit = pageSize; ; limit *= 2) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({ ...query, TableName: tableName, Limit: limit, ExclusiveStartKey: start }),
      );
      yield* Items.flatMap((item) => recordIn(item) ?? []);
      if (!LastEvaluatedKey) return;
      start = LastEvaluatedKey;
    }
  };

  /** The conflict of the write, unless it conflicts with its own first attempt. */
  const put = async (record: AvatarRecord, condition: string, values?: object) => {
    const writeId = randomUUID();
    const conflict = await conflictOf(
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem({
            ...record,
            caller: indexable(record.caller),
            createdKey: createdKey(record),
            [LEDGER_SCHEMA.timeToLive]: expiresAt(record),
            writeId,
          }),
          ConditionExpression: condition,
          ...(values && { ExpressionAttributeValues: toItem(values) }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
      () => read(record.id),
    );
    return conflict?.item?.writeId?.S === writeId ? undefined : conflict;
  };

  return {
    async create(record) {
      const conflict = await put(record, 'attribute_not_exists(id)');
      if (!conflict) return { kind: 'created' };
      if (!conflict.item)
        throw new Error(`DynamoDB rejected record ${record.id} as existing, but does not hold it.`);
      return { kind: 'exists', record: requireRecord(record.id, conflict.item) };
    },

    async replace(next) {
      const conflict = await put(next, 'attribute_exists(id) AND version = :seen', {
        ':seen': next.version - 1,
      });
      if (!conflict) return { kind: 'stored' };
      return { kind: 'conflict', record: conflict.item && recordIn(conflict.item) };
    },

    async get(id) {
      const item = await read(id);
      return item && requireRecord(id, item);
    },

    due: (state, { now, limit, after }) =>
      firstOf(
        recordsOf(
          {
            IndexName: open.indexName,
            KeyConditionExpression: '#open = :open AND dueAt <= :now',
            ExpressionAttributeNames: { '#open': open.partitionKey },
            ExpressionAttributeValues: toItem({ ':open': state, ':now': instantOf(now) }),
            ExclusiveStartKey: after && toItem({ id: after.id, open: state, dueAt: after.dueAt }),
          },
          limit,
        ),
        limit,
      ),

    async positionOf({ open: state, dueAt }) {
      if (state === undefined || dueAt === undefined) return undefined;
      const { Count = 0, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: open.indexName,
          KeyConditionExpression: '#open = :open AND dueAt < :dueAt',
          ExpressionAttributeNames: { '#open': open.partitionKey },
          ExpressionAttributeValues: toItem({ ':open': state, ':dueAt': dueAt }),
          Select: 'COUNT',
          Limit: MAX_COUNTED,
        }),
      );
      return { ahead: Count, isAtLeast: LastEvaluatedKey !== undefined };
    },

    async allOpen(limit) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({ TableName: tableName, IndexName: open.indexName, Limit: limit }),
      );
      return LastEvaluatedKey ? undefined : Items.flatMap((item) => recordIn(item) ?? []);
    },

    async oldest(status) {
      const { indexName, partitionKey } = byStatus;
      const [oldest] = await firstOf(
        recordsOf(
          {
            IndexName: indexName,
            KeyConditionExpression: '#status = :status',
            ExpressionAttributeNames: { '#status': partitionKey },
            ExpressionAttributeValues: toItem({ ':status': status }),
          },
          1,
        ),
        1,
      );
      return oldest;
    },

    async list({ status, caller, limit, after }: ListQuery) {
      const recordsWith = (
        { indexName, partitionKey }: typeof byStatus | typeof byCaller,
        value: string,
        filter?: Status,
      ): AsyncGenerator<AvatarRecord, undefined> =>
        recordsOf(
          {
            IndexName: indexName,
            KeyConditionExpression: after ? '#key = :key AND createdKey < :after' : '#key = :key',
            ...(filter && { FilterExpression: '#status = :status' }),
            ExpressionAttributeNames: { '#key': partitionKey, ...(filter && { '#status': 'status' }) },
            ExpressionAttributeValues: toItem({
              ':key': value,
              ':after': after && createdKey(after),
              ':status': filter,
            }),
            ScanIndexForward: false,
          },
          limit + 1,
        );
      // One index is by status, so a list of all is merged from one query for each.
      const lists =
        caller === undefined
          ? (status ? [status] : STATUSES).map((of) => recordsWith(byStatus, of))
          : [recordsWith(byCaller, caller, status)];
      const found = await firstOf(newestFirst(lists), limit + 1);
      const records = found.slice(0, limit);
      const last = records.at(-1);
      return last && found.length > limit
        ? { records, next: { createdAt: last.createdAt, id: last.id } }
        : { records };
    },
  };
};
