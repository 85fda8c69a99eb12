import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { createHandlerServer, listen, type RunningServer, readBody } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender } from '../support/event-sender.ts';
import { AVATAR } from '../support/requests.ts';
import { expectProblem, type RunningService, startRunningService } from '../support/running-service.ts';

const APPEARANCE = 'scar-above-the-left-eyebrow';
const PRIVATE = { ...AVATAR, appearance: APPEARANCE };
/** A parser's message quotes ten characters. */
const isPrivate = (text: string): boolean => text.includes(APPEARANCE.slice(0, 8));

let dynamoDb: Awaited<ReturnType<typeof startDynamoDB>>;
let proxy: RunningServer;
let running: RunningService;
/** An answer of DynamoDB in place of its own. */
let instead: { readonly status: number; readonly body: string } | undefined;

beforeAll(async () => {
  dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
  const server = createHandlerServer(async (request, response) => {
    const body = await readBody(request, 1024 * 1024);
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    if (instead) {
      response.writeHead(instead.status, headers).end(instead.body);
      return;
    }
    const forwarded = ['x-amz-target', 'authorization', 'x-amz-date'].map(
      (name) => [name, String(request.headers[name])] as const,
    );
    const answer = await fetch(dynamoDb.url, {
      method: 'POST',
      headers: { ...Object.fromEntries(forwarded), ...headers },
      body: body?.toString() ?? '',
    });
    response.writeHead(answer.status, headers).end(await answer.text());
  });
  proxy = await listen(server);
  stubAws({});
  running = await startRunningService({ endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url } });
});
afterEach(() => {
  instead = undefined;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await running?.close();
  await proxy?.close();
  await dynamoDb?.close();
});

/** Lines that Lambda itself writes about what a function throws. */
const thrownLines = () => running.logs.filter((line) => line.includes('Invoke Error'));

it('the name of an unknown field of a direct invocation is in no log line, and Lambda logs what is thrown', async () => {
  const { invoke } = createEventSender(running.service);
  expect((await invoke('api', { ...AVATAR, [APPEARANCE]: 1 })).error).toBe('InvalidRequest');
  expect(thrownLines()).toHaveLength(1);
  expect(running.logs.filter(isPrivate)).toEqual([]);
});

it.each([
  ['that is not JSON', 200, `${APPEARANCE} `],
  ['that breaks off', 200, `{"Item":{"appearance":{"S":"${APPEARANCE}"}`],
  ['with a stray character', 200, `{"appearance":"${APPEARANCE}"${APPEARANCE}}`],
  [
    'of the service that quotes its input',
    400,
    JSON.stringify({
      __type: 'com.amazon.coral.validate#ValidationException',
      message: `Value '${APPEARANCE}' failed to satisfy a constraint`,
    }),
  ],
])('an answer of the ledger %s is in no log line of any function', async (_, status, body) => {
  const { post, service, logs } = running;
  const { invoke } = createEventSender(service);
  logs.length = 0;
  instead = { status, body };
  expectProblem(await post(PRIVATE), 'unavailable');
  expect((await invoke('api', PRIVATE)).error).toBe('Unavailable');
  expect((await invoke('dispatch', {})).error).toBe('DispatchFailed');
  const message = { messageId: 'message-1', body: JSON.stringify(PRIVATE), attributes: {} };
  await service.intake.invoke({ Records: [message] });
  expect(thrownLines()).toHaveLength(2);
  expect(logs.filter((line) => line.includes('Request failed'))).toHaveLength(2);
  expect(logs.filter((line) => line.includes('Message not recorded'))).toHaveLength(1);
  expect(logs.filter(isPrivate)).toEqual([]);
});

it('an answer of the ledger with an unreadable record that it conflicts with is in no log line of any function', async () => {
  const { post, service, logs } = running;
  const { invoke } = createEventSender(service);
  logs.length = 0;
  instead = {
    status: 400,
    body: JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { appearance: { S: APPEARANCE } },
    }),
  };
  expectProblem(await post(PRIVATE), 'unreadable-item');
  expect((await invoke('api', PRIVATE)).error).toBe('UnreadableItem');
  expect((await invoke('dispatch', {})).error).toBe('DispatchFailed');
  const message = { messageId: 'message-1', body: JSON.stringify(PRIVATE), attributes: {} };
  await service.intake.invoke({ Records: [message] });
  expect(thrownLines()).toHaveLength(2);
  expect(logs.filter((line) => line.includes('Message not recorded'))).toHaveLength(1);
  expect(logs.filter(isPrivate)).toEqual([]);
});

it('an error of the service that names what is missing is logged with its message', async () => {
  const { post, logs } = running;
  logs.length = 0;
  const said = 'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: dynamodb:PutItem';
  instead = {
    status: 400,
    body: JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: said }),
  };
  expectProblem(await post(PRIVATE), 'unavailable');
  expect(logs.some((line) => line.includes(said))).toBe(true);
});
