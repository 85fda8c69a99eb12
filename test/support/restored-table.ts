import { BatchWriteItemCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ensureLedgerTable } from '../../local/emulators/dynamodb.ts';

/** Restores a table into a new one, as point-in-time recovery does: the same items under another name. */
export const restoreTable = async (client: DynamoDBClient, from: string, to: string): Promise<void> => {
  await ensureLedgerTable(client, to);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: from, ConsistentRead: true }));
  if (Items.length > 25) throw new Error(`${Items.length} items are too many for one batch.`);
  if (Items.length === 0) return;
  const requests = Items.map((Item) => ({ PutRequest: { Item } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [to]: requests } }));
};
