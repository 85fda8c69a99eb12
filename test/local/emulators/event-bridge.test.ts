import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import { type BusEvent, type EventPattern, startEventBridge } from '../../../local/emulators/event-bridge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const start = async (pattern: EventPattern = {}) => {
  const received: BusEvent[] = [];
  const running = await startEventBridge({
    rules: [{ pattern, target: async (event) => received.push(event) }],
  });
  const client = new EventBridgeClient({
    endpoint: running.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  cleanups.push(running.close, () => client.destroy());
  return { ...running, client, received };
};

const ENTRY = { Source: 'my.shop', DetailType: 'Order Placed', Detail: '{"order":1}' };

describe('the EventBridge emulator', () => {
  it('sends the whole event to a rule, with the id that PutEvents returns', async () => {
    const { client, received } = await start();
    const answer = await client.send(new PutEventsCommand({ Entries: [ENTRY] }));
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: received[0]?.id }] });
    expect(received).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'Order Placed',
        source: 'my.shop',
        account: '000000000000',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'us-east-1',
        resources: [],
        detail: { order: 1 },
      },
    ]);
  });

  it('sends only matching events of the default bus to a rule', async () => {
    const { client, received } = await start({ 'detail-type': ['Order Placed'], source: ['my.shop'] });
    const others = [
      { DetailType: 'Order Sent' },
      { Source: 'your.shop' },
      { EventBusName: 'another' },
      { EventBusName: 'default' },
    ];
    const Entries = others.map((other) => ({ ...ENTRY, ...other }));
    expect(await client.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
    expect(received).toHaveLength(1);
  });

  it('rejects invalid entries separately, with the error codes of AWS', async () => {
    const { client, received } = await start();
    const Entries = [
      ENTRY,
      { ...ENTRY, Detail: 'no JSON' },
      { ...ENTRY, Detail: '[]' },
      { ...ENTRY, Source: undefined },
    ];
    const answer = await client.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(3);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
    ]);
    expect(received).toHaveLength(1);
  });

  it('accepts at most ten entries, and no other operation', async () => {
    const { client, received } = await start();
    const Entries = Array.from({ length: 11 }, () => ENTRY);
    await expect(client.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(client.send(new ListRulesCommand())).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(received).toEqual([]);
  });

  it('rejects a malformed body', async () => {
    const { url } = await start();
    for (const body of ['no JSON', '{"Entries":1}']) {
      const headers = { 'x-amz-target': 'AWSEvents.PutEvents' };
      const answer = await fetch(url, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ __type: 'SerializationException' });
    }
  });
});

describe('an event pattern', () => {
  it.each<[boolean, EventPattern]>([
    [true, {}],
    [true, { source: ['your.shop', 'my.shop'] }],
    [false, { source: ['my'] }],
    [false, { source: [] }],
    [false, { source: ['my.shop'], 'detail-type': ['Order'] }],
    [true, { detail: { shop: ['north', 'south'] } }],
    [false, { detail: { shop: ['north'] } }],
    [true, { detail: { shop: ['north', { exists: true }] } }],
    [false, { detail: { shop: [{ exists: false }] } }],
    [true, { detail: { buyer: ['someone', { exists: false }] } }],
    [false, { detail: { buyer: ['someone'] } }],
    [false, { detail: { shop: ['south'], buyer: [{ exists: true }] } }],
    [true, { detail: { tags: ['new'], nothing: [{ exists: true }] } }],
    // As in AWS, an object is no leaf, so it does not exist.
    [true, { detail: { address: [{ exists: false }] } }],
  ])('matches: %s for %o', async (expected, pattern) => {
    const { client, received } = await start(pattern);
    const detail = { shop: 'south', tags: ['new', 'gift'], nothing: null, address: { city: 'Here' } };
    await client.send(new PutEventsCommand({ Entries: [{ ...ENTRY, Detail: JSON.stringify(detail) }] }));
    expect(received).toHaveLength(expected ? 1 : 0);
  });
});
