import { afterEach, describe, expect, it } from 'vitest';
import { startEventBridge } from '../../../local/emulators/event-bridge.ts';
import { startLambda } from '../../../local/emulators/lambda.ts';
import type { RunningServer } from '../../../local/server.ts';

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** JSON, but for one byte that is not UTF-8. */
const damaged = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  bytes[text.indexOf('@')] = 0xe9;
  return bytes;
};

describe('what is not UTF-8 is refused as AWS refuses it, and reaches no function', () => {
  it('by Lambda', async () => {
    const invoked: unknown[] = [];
    const invoke = async (event: unknown) => invoked.push(event);
    const server = await startLambda({ functions: { api: { invoke } } });
    servers.push(server);
    const answer = await fetch(`${server.url}/2015-03-31/functions/api/invocations`, {
      method: 'POST',
      body: damaged('{"a":"caf@"}'),
    });
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([
      400,
      'InvalidRequestContentException',
    ]);
    expect(invoked).toEqual([]);
  });

  it('by EventBridge', async () => {
    const events: unknown[] = [];
    const target = async (event: unknown) => events.push(event);
    const server = await startEventBridge({ rules: [{ pattern: {}, target }] });
    servers.push(server);
    const entry = { Source: 'my.shop', DetailType: 'x', Detail: '{"a":"caf@"}' };
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
      body: damaged(JSON.stringify({ Entries: [entry] })),
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { __type: 'SerializationException' }]);
    expect(events).toEqual([]);
  });
});
