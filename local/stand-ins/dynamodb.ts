import { mkdir } from 'node:fs/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { LEDGER_SCHEMA } from '../../lambda/adapters/table.ts';
import { listen, type RunningServer } from '../server.ts';

export interface DynamoDBOptions {
  /** Name of the ledger's table. */
  readonly tableName: string;
  /**
   * Where the data is kept; made if it does not exist.
   *
   * @default in memory, gone after `close`
   */
  readonly directory?: string;
  /** @default any free port */
  readonly port?: number;
}

/** How the ledger's table is created outside AWS. Its TTL is left out: dynalite has none to switch on. */
const tableInput = (tableName: string): CreateTableCommandInput => {
  const indexes = Object.values(LEDGER_SCHEMA.indexes);
  const attributes = [
    LEDGER_SCHEMA.partitionKey,
    ...indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]),
  ];
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [{ AttributeName: LEDGER_SCHEMA.partitionKey, KeyType: 'HASH' }],
    GlobalSecondaryIndexes: indexes.map(({ indexName, partitionKey, sortKey }) => ({
      IndexName: indexName,
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    })),
  };
};

/**
 * Creates the ledger's table if it does not exist, and waits until it can be used, for a minute at most.
 * An existing table of that name is taken as it is.
 *
 * @throws the SDK's errors, and its TimeoutError when the table does not become active.
 */
export const ensureLedgerTable = async (client: DynamoDBClient, tableName: string): Promise<void> => {
  try {
    await client.send(new CreateTableCommand(tableInput(tableName)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: tableName });
};

/**
 * Starts DynamoDB on this machine (dynalite), with the ledger's table in it. Any credentials are accepted.
 */
export const startDynamoDB = async ({
  tableName,
  directory,
  port,
}: DynamoDBOptions): Promise<RunningServer> => {
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const server = dynalite({ path: directory, createTableMs: 0 });
  // dynalite throws, and so ends this process, when a caller leaves in the middle of a request. Here that
  // is what a killed function does.
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => {});
  });
  const running = await listen(server, port);
  const client = new DynamoDBClient({
    endpoint: running.url,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    await ensureLedgerTable(client, tableName);
  } catch (error) {
    await running.close();
    throw error;
  } finally {
    client.destroy();
  }
  return running;
};
