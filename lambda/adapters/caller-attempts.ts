import { createHash } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CallerAttempts } from '../domain/gate/caller-limit.ts';
import { DAY_MS, dayOf } from '../domain/gate/gate-rules.ts';
import { conflictOf } from './aws/dynamodb.ts';

const hashOf = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, length);

/** The item of one owner in the ledger's table. Request ids are UUIDs, so they cannot collide with it. */
const keyOf = (owner: string) => ({ id: { S: `caller-${hashOf(owner, 43)}` } });

/** Identifies an attempt within its day: 72 bits, short because the item holds all attempts of a day. */
const tokenOf = (attemptId: string) => ({ SS: [hashOf(attemptId, 12)] });

/**
 * One item for each owner, with an attribute for each day: the set of its attempts. Adding to a set and removing from
 * one are idempotent, so a write that the SDK repeats counts once.
 */
export const createCallerAttempts = (client: DynamoDBClient, tableName: string): CallerAttempts => ({
  async add({ owner, attemptId, day }, limit) {
    const token = tokenOf(attemptId);
    const Key = keyOf(owner);
    const conflict = await conflictOf(
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key,
          // An attempt may end after midnight, but not two days later.
          UpdateExpression: 'ADD #day :token REMOVE #old',
          ConditionExpression: 'attribute_not_exists(#day) OR size(#day) < :limit',
          ExpressionAttributeNames: { '#day': day, '#old': dayBefore(day, 2) },
          ExpressionAttributeValues: { ':token': token, ':limit': { N: String(limit) } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
      async () =>
        (await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item,
    );
    // It may be the last one that the limit allowed, added by a write whose answer was lost.
    return !conflict || token.SS.some((own) => conflict.item?.[day]?.SS?.includes(own));
  },

  async remove({ owner, attemptId, day }) {
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: keyOf(owner),
        UpdateExpression: 'DELETE #day :token',
        ExpressionAttributeNames: { '#day': day },
        ExpressionAttributeValues: { ':token': tokenOf(attemptId) },
      }),
    );
  },
});

const dayBefore = (day: string, days: number): string => dayOf(Date.parse(day) - days * DAY_MS);
