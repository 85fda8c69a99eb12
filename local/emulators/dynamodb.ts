import { mkdir } from 'node:fs/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { LEDGER_SCHEMA } from '../../lambda/shared/table.ts';
import { listen, type RunningServer } from '../server.ts';

export interface DynamoDBOptions {
  /** Name of the ledger's table. */
  readonly tableName: string;
  /**
   * Directory for the data; created if it does not exist.
   *
   * @default - in memory until `close`
   */
  readonly directory?: string;
}

/** The ledger's table without its TTL, which dynalite does not support. */
const tableInput = (tableName: string): CreateTableCommandInput => {
  const indexes = Object.values(LEDGER_SCHEMA.indexes);
  const attributes = new Set<string>([
    LEDGER_SCHEMA.partitionKey,
    ...indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]),
  ]);
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: Array.from(attributes, (AttributeName) => ({ AttributeName, AttributeType: 'S' })),
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
 * Creates the ledger's table unless a table of that name exists, and waits at most a minute until it is active.
 *
 * @throws the SDK's errors, for example its TimeoutError
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
 * Starts a DynamoDB emulator (dynalite) with the ledger's table. Any credentials are accepted.
 */
export const startDynamoDB = async ({ tableName, directory }: DynamoDBOptions): Promise<RunningServer> => {
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const server = dynalite({ path: directory, createTableMs: 0 });
  // dynalite throws, and so ends this process, when a client disconnects during a request, as a killed function does.
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => {});
  });
  const running = await listen(server);
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
