import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { AccountNotes, AccountNotesStore } from '../domain/account-watch.ts';
import { fromItem, toItem } from './dynamodb.ts';

/** An item of the ledger's table that is neither a request nor the gate. No request's id looks like this. */
const NOTES_ID = 'account-notes';

const notes = z.object({
  credits: z.optional(z.object({ left: z.number(), at: z.number() })),
  announcedBlock: z.optional(z.object({ reason: z.string(), since: z.number() })),
  disprovedBlock: z.optional(z.object({ since: z.number(), refusedProbes: z.int() })),
});

/** What dispatch notes about the account, apart from the gate so that no paid call ever waits for it. */
export const createAccountNotes = (client: DynamoDBClient, tableName: string): AccountNotesStore => ({
  async read(): Promise<AccountNotes> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ id: NOTES_ID }), ConsistentRead: true }),
    );
    return Item ? notes.parse(fromItem(Item)) : {};
  },
  async write(next: AccountNotes): Promise<void> {
    // Without a condition: the latest look is the one that counts, whichever dispatch had it.
    await client.send(new PutItemCommand({ TableName: tableName, Item: toItem({ ...next, id: NOTES_ID }) }));
  },
});
