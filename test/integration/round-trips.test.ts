import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy } from '../../bench/far-side/proxy.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { startFunction } from '../../local/functions/local-function.ts';
import type { RunningServer } from '../../local/server.ts';
import { ROUTES } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { startHttpApi } from '../../local/stand-ins/http-api.ts';
import { startSecretsManager } from '../../local/stand-ins/secrets-manager.ts';

const TABLE_NAME = 'ledger';
const SECRET_NAME = 'joggai-api-key';
const API_KEY = 'simulator-key';

const AVATAR = {
  age: 'Adult',
  avatar_style: 'Professional',
  gender: 'Female',
  model: 'modern',
  aspect_ratio: 'portrait',
};

/** Below the patience of the AWS SDK, which would try again. Reached only by calls that come one by one. */
const LONGEST_WAIT_MS = 1_000;

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
let post: () => Promise<number>;

beforeEach(async () => {
  seen = [];
  let warm = false;
  const meet = createMeetingPoint(2);
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
        if (warm) await meet();
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

  const lines: string[] = [];
  const api = startFunction({
    entry: fileURLToPath(new URL('../../lambda/api.ts', import.meta.url)),
    timeoutMs: 29_000,
    maxConcurrency: 1,
    onLog: (line) => lines.push(line),
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

  expect(await post(), lines.join('\n')).toBe(201);
  expect(seen.filter(({ event }) => event === 'secret')).toHaveLength(1);
  seen = [];
  warm = true;
});

describe('a request to a function that has answered one before', () => {
  it('costs one round of DynamoDB calls, the paid call and one more round, and reads no secret', async () => {
    expect(await post()).toBe(201);
    expect(seen.map(({ event }) => event)).toEqual([
      ...['begin', 'begin', 'end', 'end'],
      ...['paid', 'answered'],
      ...['begin', 'begin', 'end', 'end'],
    ]);
    const operations = seen.map(({ operation }) => operation);
    expect(operations.slice(0, 2).toSorted()).toEqual(['PutItem', 'UpdateItem']);
    expect(operations.slice(6, 8).toSorted()).toEqual(['PutItem', 'UpdateItem']);
  });
});
