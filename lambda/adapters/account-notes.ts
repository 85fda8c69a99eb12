import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { AccountNotes, AccountNotesStore } from '../domain/gate/account-watch.ts';
import { toItem } from './aws/dynamodb.ts';
import { type OnUnreadable, readItem } from './read-item.ts';

/** The notes' item in the ledger's table. Request ids are UUIDs, so they cannot collide with it. */
const NOTES_ID = 'account-notes';

const notes = z.object({
  checkedAt: z.optional(z.number()),
  credits: z.optional(z.object({ left: z.number(), at: z.number() })),
  announcedBlock: z.optional(z.object({ reason: z.string(), since: z.number() })),
  disprovedBlock: z.optional(z.object({ since: z.number(), refusedProbes: z.int() })),
});

/** Dispatch's notes about the account. Not part of the gate's item, so that no paid call waits for them. */
export const createAccountNotes = (
  client: DynamoDBClient,
  tableName: string,
  onUnreadable?: OnUnreadable,
): AccountNotesStore => ({
  async read(): Promise<AccountNotes> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ id: NOTES_ID }), ConsistentRead: true }),
    );
    // Notes that cannot be read count as none: the next check writes them anew.
    return (Item && readItem((parts) => notes.safeParse(parts), Item, onUnreadable)) ?? {};
  },
  async write(next: AccountNotes): Promise<void> {
    // Without a condition: the latest check counts.
    await client.send(new PutItemCommand({ TableName: tableName, Item: toItem({ ...next, id: NOTES_ID }) }));
  },
});
