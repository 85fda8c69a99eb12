/**
 * The process of `far-side.ts`: DynamoDB, Secrets Manager and JoggAI, each with a fixed latency, as its one argument
 * says. Sends where they are to its parent and ends with it.
 */
import { startSimulator } from '../../local/simulator/simulator.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { startSecretsManager } from '../../local/stand-ins/secrets-manager.ts';
import { type Endpoints, latencies } from './endpoints.ts';
import { startProxy } from './proxy.ts';

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

const found: Endpoints = {
  dynamoDb: (await startProxy({ target: dynamoDb.url, latencyMs: latency.dynamoDb })).url,
  secretsManager: (await startProxy({ target: secretsManager.url, latencyMs: latency.secretsManager })).url,
  joggai: joggai.url,
  tableName: TABLE_NAME,
  secretName: SECRET_NAME,
};
process.send?.(found);
