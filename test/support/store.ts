import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { vi } from 'vitest';
import { createDynamoDb, fromItem } from '../../lambda/adapters/aws/dynamodb.ts';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { stubAws } from './aws.ts';
import { HANG_MS } from './eventually.ts';
import { startLossyProxy } from './lossy-proxy.ts';

export const TABLE = 'ledger';

/** Starts the DynamoDB emulator behind a proxy that loses answers on demand, and creates the functions' client. */
export const startStore = async () => {
  const dynamoDb = await startDynamoDB({ tableName: TABLE });
  const proxy = await startLossyProxy(dynamoDb.url);
  stubAws({ AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  const client: DynamoDBClient = createDynamoDb(HANG_MS);
  return {
    client,
    proxy,
    items: async () => (await client.send(new ScanCommand({ TableName: TABLE }))).Items?.map(fromItem) ?? [],
    async close() {
      vi.unstubAllEnvs();
      client.destroy();
      await proxy.close();
      await dynamoDb.close();
    },
  };
};

export type Store = Awaited<ReturnType<typeof startStore>>;
