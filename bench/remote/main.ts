/**
 * The process of `remote.ts`: DynamoDB, Secrets Manager and JoggAI, each with the latency in the argument (JSON).
 * Sends the endpoints to its parent and exits with it.
 */
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { startSecretsManager } from '../../local/emulators/secrets-manager.ts';
import { startProxy } from '../../local/proxy.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { startDistant } from './distance.ts';
import { type Endpoints, latencies } from './endpoints.ts';

const API_KEY = 'bench-key';
const TABLE_NAME = 'ledger';
const SECRET_NAME = 'joggai-api-key';

process.on('disconnect', () => process.exit());

const latency = latencies.parse(JSON.parse(process.argv[2] ?? ''));
const dynamoDb = await startDynamoDB({ tableName: TABLE_NAME });
const secretsManager = await startSecretsManager({ secrets: { [SECRET_NAME]: API_KEY } });
const joggai = await startSimulator({
  settings: { apiKeys: [API_KEY], credits: 1_000_000, rate: { limit: 1_000_000 } },
});
joggai.control.addFault({ kind: 'delay', milliseconds: latency.joggai, times: 'until_cleared' });

const endpoints: Endpoints = {
  dynamoDb: (await startProxy({ target: dynamoDb.url, latencyMs: latency.dynamoDb })).url,
  secretsManager: (await startProxy({ target: secretsManager.url, latencyMs: latency.secretsManager })).url,
  joggai:
    latency.joggaiDistance === undefined
      ? joggai.url
      : await startDistant(joggai.url, latency.joggaiDistance),
  tableName: TABLE_NAME,
  secretName: SECRET_NAME,
};
process.send?.(endpoints);
