import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import type { FunctionEnvironment } from '../../lambda/shared/environment.ts';
import { HTTP_ALIAS } from '../../lambda/shared/routes.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import { startSecretsManager } from '../../local/emulators/secrets-manager.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { startFunction } from '../../local/functions/local-function.ts';
import { LOCAL_IDENTITY } from '../../local/identity.ts';
import { startProxy } from '../../local/proxy.ts';
import { createHandlerServer, listen, type RunningServer } from '../../local/server.ts';
import { ROUTES } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { createBarrier } from '../support/barrier.ts';
import { AVATAR } from '../support/requests.ts';

const TABLE_NAME = 'ledger';
const SECRET_NAME = 'joggai-api-key';
const API_KEY = 'simulator-key';

const closers: (() => Promise<void>)[] = [];
const running = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
  const server = await starting;
  closers.push(() => server.close());
  return server;
};
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Reads the gate once. The first read in the life of a table writes the table's name, too. */
const readGate = async (endpoint: string): Promise<void> => {
  const client = new DynamoDBClient({ ...LOCAL_IDENTITY, endpoint });
  await createGateStore(client, TABLE_NAME).read();
  client.destroy();
};

/** The deployed code of the api function, before its first start. @param environment overrides the defaults */
const start = async (environment: Partial<FunctionEnvironment> & Record<string, string> = {}) => {
  /** Events at the proxies, in order, each with its operation. */
  const seen: { readonly event: string; readonly operation: string }[] = [];
  const dynamoDb = await running(startDynamoDB({ tableName: TABLE_NAME }));
  await readGate(dynamoDb.url);
  const secrets = await running(startSecretsManager({ secrets: { [SECRET_NAME]: API_KEY } }));
  const joggai = await running(startSimulator({ settings: { apiKeys: [API_KEY] } }));
  const record = (event: string) => (operation: string) => {
    seen.push({ event, operation: operation.replace(/^.*[./]/, '') });
  };
  let beforeDynamoDbAnswers = async () => {};
  const dynamoDbProxy = await running(
    startProxy({
      target: dynamoDb.url,
      onBegin: record('begin'),
      onEnd: async (operation) => {
        await beforeDynamoDbAnswers();
        record('end')(operation);
      },
    }),
  );
  const secretsProxy = await running(
    startProxy({ target: secrets.url, onBegin: record('secret'), onEnd: record('secret returned') }),
  );
  const joggaiProxy = await running(
    startProxy({ target: joggai.url, onBegin: record('paid'), onEnd: record('answered') }),
  );

  const api = startFunction({
    entry: bundleHandler('api').entry,
    timeoutMs: 29_000,
    maxConcurrency: 1,
    onLog: () => {},
    environment: {
      LEDGER_TABLE: TABLE_NAME,
      API_KEY_SECRET: SECRET_NAME,
      JOGGAI_BASE_URL: joggaiProxy.url,
      ...LOCAL_ENVIRONMENT,
      // With a long window the cached view of the gate does not expire.
      JOGGAI_WINDOW_SECONDS: '3600',
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDbProxy.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsProxy.url,
      ...environment,
    },
  });
  closers.push(() => api.close());
  const http = await running(
    startHttpApi({ routes: ROUTES, invoke: (event) => api.invoke(event, HTTP_ALIAS) }),
  );
  return {
    getOpenApi: async () => (await fetch(`${http.url}/openapi.json`)).status,
    /** Requests a photo avatar. Returns the status of the answer and the events at the proxies meanwhile. */
    post: async () => {
      seen.length = 0;
      const { status } = await fetch(`${http.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(AVATAR),
      });
      return { status, seen: [...seen] };
    },
    /** Delays every response of DynamoDB until `wait` resolves. */
    delayDynamoDbUntil: (wait: () => Promise<void>) => {
      beforeDynamoDbAnswers = wait;
    },
  };
};

type Seen = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['post']>>['seen'];
const eventsOf = (part: Seen): string[] => part.map(({ event }) => event);
const operationsOf = (part: Seen): string[] => part.map(({ operation }) => operation).toSorted();

describe('a function that starts', () => {
  it('reads the key and the gate before its first event, which reads neither again', async () => {
    const { post } = await start();
    const { status, seen } = await post();
    expect(status).toBe(201);
    const begun = seen.filter(({ event }) => ['secret', 'begin', 'paid'].includes(event));
    expect(operationsOf(begun.slice(0, 2))).toEqual(['GetItem', 'GetSecretValue']);
    expect(operationsOf(begun.slice(2, 4))).toEqual(['PutItem', 'UpdateItem']);
    expect(eventsOf(begun.slice(4))).toEqual(['paid', 'begin', 'begin']);
  });

  it('handles events while DynamoDB does not answer, without waiting for the SDK timeout', async () => {
    // The SDK waits for the rest of a started response longer than Lambda allows for a cold start.
    const silent = await running(
      listen(createHandlerServer(async (_request, response) => response.writeHead(200).flushHeaders())),
    );
    const { getOpenApi } = await start({ AWS_ENDPOINT_URL_DYNAMODB: silent.url, REMOTE_TIMEOUT_MS: '1000' });
    expect(await getOpenApi()).toBe(200);
  });
});

describe('a request to a warm function', () => {
  it('makes two parallel DynamoDB calls, the paid call and two parallel DynamoDB calls, and reads no secret', async () => {
    const { post, delayDynamoDbUntil } = await start();
    expect((await post()).status).toBe(201);
    delayDynamoDbUntil(createBarrier(2));
    const { status, seen } = await post();
    expect([status, ...eventsOf(seen)]).toEqual([
      201,
      ...['begin', 'begin', 'end', 'end'],
      ...['paid', 'answered'],
      ...['begin', 'begin', 'end', 'end'],
    ]);
    expect(operationsOf(seen.slice(0, 2))).toEqual(['PutItem', 'UpdateItem']);
    expect(operationsOf(seen.slice(6, 8))).toEqual(['PutItem', 'UpdateItem']);
  });

  it('opens the connection of its paid call while the claim and the slot are written', async () => {
    const connected = Promise.withResolvers<void>();
    const answer = JSON.stringify({ code: 0, msg: 'Success', data: { photo_id: 'photo-1' } });
    const joggai = createHandlerServer(async (_request, response) => void response.end(answer));
    const { url } = await running(listen(joggai));
    const { post, delayDynamoDbUntil } = await start({ JOGGAI_BASE_URL: url });
    expect((await post()).status).toBe(201);
    joggai.once('connection', () => connected.resolve());
    delayDynamoDbUntil(() => connected.promise);
    expect((await post()).status).toBe(201);
  });

  it('makes one more parallel DynamoDB call before the paid call with a limit for each caller', async () => {
    const { post, delayDynamoDbUntil } = await start({ DAILY_CALL_LIMIT_PER_CALLER: '10' });
    expect((await post()).status).toBe(201);
    const [before, after] = [createBarrier(3), createBarrier(2)];
    let answers = 0;
    delayDynamoDbUntil(() => {
      answers += 1;
      return answers <= 3 ? before() : after();
    });
    const { status, seen } = await post();
    expect([status, ...eventsOf(seen)]).toEqual([
      201,
      ...['begin', 'begin', 'begin', 'end', 'end', 'end'],
      ...['paid', 'answered'],
      ...['begin', 'begin', 'end', 'end'],
    ]);
    expect(operationsOf(seen.slice(0, 3))).toEqual(['PutItem', 'UpdateItem', 'UpdateItem']);
  });
});
