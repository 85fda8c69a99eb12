import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Ledger, ListPosition, ListQuery, OpenRecords, RecordList } from '../domain/ports.ts';
import {
  type AvatarRecord,
  avatarRecord,
  instantOf,
  STATUSES,
  type Status,
} from '../domain/record/record.ts';
import { LEDGER_SCHEMA } from '../shared/table.ts';
import { conflictOf, fromItem, type Item, toItem } from './aws/dynamodb.ts';

const { byStatus, open } = LEDGER_SCHEMA.indexes;

/** The sort key of a record within its status: unique, in order of creation. */
const createdKey = ({ createdAt, id }: ListPosition): string => `${createdAt}#${id}`;

const recordOf = (item: Item): AvatarRecord => avatarRecord.parse(fromItem(item));

export interface LedgerOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Days after which a finished record may be deleted. @default never */
  readonly retentionDays?: number | undefined;
}

const DAY_SECONDS = 24 * 60 * 60;

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
}: LedgerOptions): Ledger & RecordList & OpenRecords => {
  /** In epoch seconds, as DynamoDB's TTL requires. A record with work left to do has none. */
  const expiresAt = ({ dueAt, updatedAt }: AvatarRecord): number | undefined =>
    retentionDays === undefined || dueAt !== undefined
      ? undefined
      : Math.floor(Date.parse(updatedAt) / 1_000) + retentionDays * DAY_SECONDS;

  const read = async (id: string): Promise<Item | undefined> =>
    (
      await client.send(
        new GetItemCommand({ TableName: tableName, Key: toItem({ id }), ConsistentRead: true }),
      )
    ).Item;

  /** The conflict of the write, unless it conflicts with its own first attempt. */
  const put = async (record: AvatarRecord, condition: string, values?: object) => {
    const writeId = randomUUID();
    const conflict = await conflictOf(
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem({
            ...record,
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
      return { kind: 'exists', record: recordOf(conflict.item) };
    },

    async replace(next) {
      const conflict = await put(next, 'attribute_exists(id) AND version = :seen', {
        ':seen': next.version - 1,
      });
      if (!conflict) return { kind: 'stored' };
      return { kind: 'conflict', record: conflict.item && recordOf(conflict.item) };
    },

    async get(id) {
      const item = await read(id);
      return item && recordOf(item);
    },

    async due(state, { now, limit }) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: open.indexName,
          KeyConditionExpression: '#open = :open AND dueAt <= :now',
          ExpressionAttributeNames: { '#open': open.partitionKey },
          ExpressionAttributeValues: toItem({ ':open': state, ':now': instantOf(now) }),
          Limit: limit,
        }),
      );
      return Items.map(recordOf);
    },

    async list({ status, limit, after }: ListQuery) {
      const page = async (of: Status): Promise<AvatarRecord[]> => {
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: byStatus.indexName,
            KeyConditionExpression: after ? '#status = :status AND createdKey < :after' : '#status = :status',
            ExpressionAttributeNames: { '#status': byStatus.partitionKey },
            ExpressionAttributeValues: toItem({
              ':status': of,
              ...(after && { ':after': createdKey(after) }),
            }),
            ScanIndexForward: false,
            Limit: limit + 1,
          }),
        );
        return Items.map(recordOf);
      };
      // The index is by status, so a list of all is merged from one page of each.
      const pages = await Promise.all((status ? [status] : STATUSES).map(page));
      const found = pages.flat().sort((a, b) => (createdKey(a) < createdKey(b) ? 1 : -1));
      // A record that changes its status meanwhile may be found under both statuses.
      const records = found.filter((record, at) => record.id !== found[at - 1]?.id).slice(0, limit);
      const last = records.at(-1);
      return last && found.length > limit
        ? { records, next: { createdAt: last.createdAt, id: last.id } }
        : { records };
    },
  };
};
