import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { createGate, type Gate } from '../../lambda/domain/gate/gate.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { startSecretsManager } from '../../local/emulators/secrets-manager.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { type LocalFunction, startFunction } from '../../local/functions/local-function.ts';
import { LOCAL_IDENTITY } from '../../local/identity.ts';
import { startProxy } from '../../local/proxy.ts';
import type { RunningServer } from '../../local/server.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { createBarrier } from '../support/barrier.ts';
import { AVATAR } from '../support/requests.ts';

const TABLE_NAME = 'ledger';
const SECRET_NAME = 'joggai-api-key';
const API_KEY = 'simulator-key';
const BATCH = 10;

const servers: RunningServer[] = [];
const running = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
  const server = await starting;
  servers.push(server);
  return server;
};

/** Operations at DynamoDB, in the order of their arrival. */
const operations: string[] = [];
let beforeAnswer = async (_operation: string): Promise<void> => {};
let intake: LocalFunction;
let simulator: Simulator;
let client: DynamoDBClient;
let gate: Gate;

beforeAll(async () => {
  const dynamoDb = await running(startDynamoDB({ tableName: TABLE_NAME }));
  const secrets = await running(startSecretsManager({ secrets: { [SECRET_NAME]: API_KEY } }));
  simulator = await running(startSimulator({ settings: { apiKeys: [API_KEY] } }));
  const nameOf = (operation: string) => operation.replace(/^.*\./, '');
  const proxy = await running(
    startProxy({
      target: dynamoDb.url,
      onBegin: (operation) => void operations.push(nameOf(operation)),
      onEnd: (operation) => beforeAnswer(nameOf(operation)),
    }),
  );
  client = new DynamoDBClient({ ...LOCAL_IDENTITY, endpoint: dynamoDb.url });
  gate = createGate({
    store: createGateStore(client, TABLE_NAME),
    settings: { slots: 20, windowMs: 60_000, dailyCallLimit: 1_000 },
    clock: Date.now,
  });
  intake = startFunction({
    entry: bundleHandler('intake').entry,
    timeoutMs: 60_000,
    maxConcurrency: 1,
    onLog: () => {},
    environment: {
      LEDGER_TABLE: TABLE_NAME,
      API_KEY_SECRET: SECRET_NAME,
      JOGGAI_BASE_URL: simulator.url,
      ...LOCAL_ENVIRONMENT,
      AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    },
  });
});
beforeEach(() => {
  operations.length = 0;
  beforeAnswer = async () => {};
});
afterAll(async () => {
  await intake.close();
  client.destroy();
  for (const server of servers.toReversed()) await server.close();
});

let messages = 0;

/** Delivers requests to intake as one batch, for the first time. */
const deliver = (requests: readonly object[]) =>
  intake.invoke({
    Records: requests.map((request) => {
      messages += 1;
      return {
        messageId: `message-${messages}`,
        body: JSON.stringify(request),
        attributes: { ApproximateReceiveCount: '1' },
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:photo-avatars',
      };
    }),
  });

const requests = (name: string) =>
  Array.from({ length: BATCH }, (_, index) => ({ ...AVATAR, appearance: `${name} ${index}` }));

it('messages with the same key in one batch are one record and one charge', async () => {
  const keyed = { ...AVATAR, idempotency_key: 'order-7' };
  expect(await deliver([keyed, keyed, { ...keyed, gender: 'Male' }])).toEqual({ batchItemFailures: [] });
  const { records } = await createLedger({ client, tableName: TABLE_NAME }).list({ limit: 100 });
  expect(records.filter(({ idempotencyKey }) => idempotencyKey === 'order-7')).toMatchObject([
    { request: AVATAR, status: 'generating', attempts: 1 },
  ]);
  expect(records.map(({ status }) => status).toSorted()).toEqual(['generating', 'rejected']);
  expect(simulator.control.state().charges).toBe(1);
});

it('a batch is recorded in one round trip, and waits behind the one before it', async () => {
  await gate.pause({ by: 'operator' });
  const barrier = createBarrier(BATCH);
  beforeAnswer = async (operation) => {
    if (operation === 'PutItem') await barrier();
  };
  expect(await deliver(requests('first'))).toEqual({ batchItemFailures: [] });
  // It sees that the gate was closed when it asks for a slot. The emulator does not return the item that a condition met.
  expect(operations).toEqual([...Array(BATCH).fill('PutItem'), 'Query', 'UpdateItem', 'GetItem']);

  expect(await deliver(requests('second'))).toEqual({ batchItemFailures: [] });
  const line = await createLedger({ client, tableName: TABLE_NAME }).due('queued', {
    now: Date.now(),
    limit: 100,
  });
  expect(line.map(({ request }) => request?.appearance)).toEqual(
    [...requests('first'), ...requests('second')].map(({ appearance }) => appearance),
  );
  await gate.pause(undefined);
});
