import { afterEach, describe, expect, it } from 'vitest';
import { startProxy } from '../../bench/far-side/proxy.ts';
import type { FunctionEnvironment } from '../../lambda/environment.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { startFunction } from '../../local/functions/local-function.ts';
import { createHandlerServer, listen, type RunningServer } from '../../local/server.ts';
import { ROUTES } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { startHttpApi } from '../../local/stand-ins/http-api.ts';
import { startSecretsManager } from '../../local/stand-ins/secrets-manager.ts';
import { AVATAR } from '../support/requests.ts';

const TABLE_NAME = 'ledger';
const SECRET_NAME = 'joggai-api-key';
const API_KEY = 'simulator-key';

/**
 * Holds everybody back until so many have come that they cannot have waited for each other, so that the order of
 * what is seen does not depend on how fast anything is. Where they do wait for each other, the function times out.
 */
const createMeetingPoint = (size: number) => {
  const waiting: (() => void)[] = [];
  return (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === size) for (const go of waiting.splice(0)) go();
    });
};

const closers: (() => Promise<void>)[] = [];
const running = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
  const server = await starting;
  closers.push(() => server.close());
  return server;
};
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** The function as it is deployed, which has not started yet. @param environment where it differs from the others */
const start = async (environment: Partial<FunctionEnvironment> & Record<string, string> = {}) => {
  /** What was seen at the proxies, in order: `begin` and `end`, and of which call. */
  const seen: { readonly event: string; readonly operation: string }[] = [];
  const dynamoDb = await running(startDynamoDB({ tableName: TABLE_NAME }));
  const secrets = await running(startSecretsManager({ secrets: { [SECRET_NAME]: API_KEY } }));
  const joggai = await running(startSimulator({ settings: { apiKeys: [API_KEY] } }));
  const note = (event: string) => (operation: string) => {
    seen.push({ event, operation: operation.replace(/^.*[./]/, '') });
  };
  let beforeDynamoDbAnswers = async () => {};
  const dynamoDbProxy = await running(
    startProxy({
      target: dynamoDb.url,
      onBegin: note('begin'),
      onEnd: async (operation) => {
        await beforeDynamoDbAnswers();
        note('end')(operation);
      },
    }),
  );
  const secretsProxy = await running(
    startProxy({ target: secrets.url, onBegin: note('secret'), onEnd: note('secret told') }),
  );
  const joggaiProxy = await running(
    startProxy({ target: joggai.url, onBegin: note('paid'), onEnd: note('answered') }),
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
      // What the function has seen of the gate is never too old to decide on.
      JOGGAI_WINDOW_SECONDS: '3600',
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDbProxy.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsProxy.url,
      ...environment,
    },
  });
  closers.push(() => api.close());
  const http = await running(startHttpApi({ routes: ROUTES, invoke: (event) => api.invoke(event) }));
  return {
    getOpenApi: async () => (await fetch(`${http.url}/openapi.json`)).status,
    /** Asks for a photo avatar. Returns the answer's status, and what was seen meanwhile. */
    post: async () => {
      seen.length = 0;
      const { status } = await fetch(`${http.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(AVATAR),
      });
      return { status, seen: [...seen] };
    },
    /** What an answer of DynamoDB's waits for before it leaves. */
    letDynamoDbWaitFor: (wait: () => Promise<void>) => {
      beforeDynamoDbAnswers = wait;
    },
  };
};

type Seen = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['post']>>['seen'];
const eventsOf = (part: Seen): string[] => part.map(({ event }) => event);
const operationsOf = (part: Seen): string[] => part.map(({ operation }) => operation).toSorted();

describe('a function that starts', () => {
  it('has the key and the gate before its first event, which reads neither again', async () => {
    const { post } = await start();
    const { status, seen } = await post();
    expect(status).toBe(201);
    const begun = seen.filter(({ event }) => ['secret', 'begin', 'paid'].includes(event));
    expect(operationsOf(begun.slice(0, 2))).toEqual(['GetItem', 'GetSecretValue']);
    expect(operationsOf(begun.slice(2, 4))).toEqual(['PutItem', 'UpdateItem']);
    expect(eventsOf(begun.slice(4))).toEqual(['paid', 'begin', 'begin']);
  });

  it('takes events also where DynamoDB does not answer, without waiting for the SDK to give up', async () => {
    // For the rest of an answer that has begun, the SDK waits longer than a function may start.
    const silent = await running(
      listen(createHandlerServer(async (_request, response) => response.writeHead(200).flushHeaders())),
    );
    const { getOpenApi } = await start({ AWS_ENDPOINT_URL_DYNAMODB: silent.url, REMOTE_TIMEOUT_MS: '1000' });
    expect(await getOpenApi()).toBe(200);
  });
});

describe('a request to a function that has answered one before', () => {
  it('costs one round of DynamoDB calls, the paid call and one more round, and reads no secret', async () => {
    const { post, letDynamoDbWaitFor } = await start();
    expect((await post()).status).toBe(201);
    letDynamoDbWaitFor(createMeetingPoint(2));
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
});
