import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy } from '../../bench/far-side/proxy.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { startFunction } from '../../local/functions/local-function.ts';
import type { RunningServer } from '../../local/server.ts';
import { ROUTES } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { startHttpApi } from '../../local/stand-ins/http-api.ts';
import { startSecretsManager } from '../../local/stand-ins/secrets-manager.ts';
import { AVATAR } from '../support/requests.ts';

const TABLE_NAME = 'ledger';
const SECRET_NAME = 'joggai-api-key';
const API_KEY = 'simulator-key';

/** Below the patience of the AWS SDK, which would try again. Reached only by calls that come one by one. */
const LONGEST_WAIT_MS = 1_000;

/** Of each call to DynamoDB, by `createDynamoDb`. */
const MOST_TRIES = 4;

/**
 * Holds everybody back until so many have come that they cannot have waited for each other, so that the order of
 * what is seen does not depend on how fast anything is.
 */
const createMeetingPoint = (size: number) => {
  let waiting: (() => void)[] = [];
  const open = () => {
    for (const go of waiting.splice(0)) go();
  };
  return (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(open, LONGEST_WAIT_MS);
      waiting = [
        ...waiting,
        () => {
          clearTimeout(timer);
          resolve();
        },
      ];
      if (waiting.length === size) open();
    });
};

let closers: (() => Promise<void>)[] = [];
const running = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
  const server = await starting;
  closers.push(() => server.close());
  return server;
};
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
});

/** What was seen at the proxies, in order: `begin` and `end`, and of which call. */
let seen: { readonly event: string; readonly operation: string }[] = [];
/** What an answer of DynamoDB's waits for before it leaves. */
let beforeDynamoDbAnswers: () => Promise<void>;
let post: () => Promise<number>;
let getOpenApi: () => Promise<number>;

beforeEach(async () => {
  seen = [];
  beforeDynamoDbAnswers = async () => {};
  const dynamoDb = await running(startDynamoDB({ tableName: TABLE_NAME }));
  const secrets = await running(startSecretsManager({ secrets: { [SECRET_NAME]: API_KEY } }));
  const joggai = await running(startSimulator({ settings: { apiKeys: [API_KEY] } }));
  const note = (event: string) => (operation: string) => {
    seen.push({ event, operation: operation.replace(/^.*[./]/, '') });
  };
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
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDbProxy.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsProxy.url,
    },
  });
  closers.push(() => api.close());
  const http = await running(startHttpApi({ routes: ROUTES, invoke: (event) => api.invoke(event) }));
  post = async () => {
    const { status } = await fetch(`${http.url}/photo-avatars`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(AVATAR),
    });
    return status;
  };

  getOpenApi = async () => (await fetch(`${http.url}/openapi.json`)).status;
});

const operationsOf = (part: typeof seen): string[] => part.map(({ operation }) => operation).toSorted();

describe('a function that starts', () => {
  it('has the key and the gate before its first event, which reads neither again', async () => {
    expect(await post()).toBe(201);
    const begun = seen.filter(({ event }) => ['secret', 'begin', 'paid'].includes(event));
    expect(operationsOf(begun.slice(0, 2))).toEqual(['GetItem', 'GetSecretValue']);
    expect(operationsOf(begun.slice(2, 4))).toEqual(['PutItem', 'UpdateItem']);
    expect(begun.slice(4).map(({ event }) => event)).toEqual(['paid', 'begin', 'begin']);
  });

  it('takes events also where DynamoDB does not answer, long before the SDK has given up', async () => {
    beforeDynamoDbAnswers = () => new Promise(() => {});
    expect(await getOpenApi()).toBe(200);
    const tries = seen.filter(({ event }) => event === 'begin').length;
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(MOST_TRIES);
  });
});

describe('a request to a function that has answered one before', () => {
  it('costs one round of DynamoDB calls, the paid call and one more round, and reads no secret', async () => {
    expect(await post()).toBe(201);
    seen = [];
    beforeDynamoDbAnswers = createMeetingPoint(2);
    expect(await post()).toBe(201);
    expect(seen.map(({ event }) => event)).toEqual([
      ...['begin', 'begin', 'end', 'end'],
      ...['paid', 'answered'],
      ...['begin', 'begin', 'end', 'end'],
    ]);
    expect(operationsOf(seen.slice(0, 2))).toEqual(['PutItem', 'UpdateItem']);
    expect(operationsOf(seen.slice(6, 8))).toEqual(['PutItem', 'UpdateItem']);
  });
});
