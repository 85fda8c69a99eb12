import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { type DynamoDBOptions, ensureLedgerTable, startDynamoDB } from '../../../local/emulators/dynamodb.ts';

const TableName = 'ledger';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const start = async (options: Partial<DynamoDBOptions> = {}) => {
  const running = await startDynamoDB({ tableName: TableName, ...options });
  const client = new DynamoDBClient({
    endpoint: running.url,
    region: 'local',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  cleanups.push(running.close, () => client.destroy());
  return { ...running, client };
};

const Item = {
  id: { S: 'a' },
  open: { S: 'queued' },
  dueAt: { S: '2026-01-01' },
  status: { S: 'queued' },
  createdKey: { S: '2026-01-01#a' },
};

describe('the DynamoDB emulator', () => {
  it('creates the active ledger table with its three indexes', async () => {
    const { client } = await start();
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual([
      'byCaller',
      'byStatus',
      'open',
    ]);
    await client.send(new PutItemCommand({ TableName, Item }));
    for (const [IndexName, key] of [
      ['open', 'open'],
      ['byStatus', 'status'],
    ]) {
      const { Items } = await client.send(
        new QueryCommand({
          TableName,
          IndexName,
          KeyConditionExpression: '#key = :queued',
          ExpressionAttributeNames: { '#key': key ?? '' },
          ExpressionAttributeValues: { ':queued': { S: 'queued' } },
        }),
      );
      expect(Items).toEqual([Item]);
    }
  });

  it('does not change an existing table', async () => {
    const { client } = await start();
    await client.send(new PutItemCommand({ TableName, Item }));
    await ensureLedgerTable(client, TableName);
    expect((await client.send(new GetItemCommand({ TableName, Key: { id: Item.id } }))).Item).toEqual(Item);
  });

  it('keeps its data in a directory across restarts', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'ledger-'));
    cleanups.push(() => rm(parent, { recursive: true }));
    const directory = join(parent, 'not', 'there', 'yet');
    const first = await start({ directory });
    await first.client.send(new PutItemCommand({ TableName, Item }));
    await first.close();
    const second = await start({ directory });
    const { Item: found } = await second.client.send(new GetItemCommand({ TableName, Key: { id: Item.id } }));
    expect(found).toEqual(Item);
  });

  it('continues after a client disconnects during a request', async () => {
    const { url, client } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 500\r\n\r\n{"Tab', () => resolve());
    });
    socket.resetAndDestroy();
    await client.send(new PutItemCommand({ TableName, Item }));
    await client.send(new GetItemCommand({ TableName, Key: { id: Item.id } }));
  });

  it('closes while a client has an open connection', async () => {
    const { client, close } = await start();
    await client.send(new DescribeTableCommand({ TableName }));
    await close();
    await close();
    await expect(client.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
