import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import { type BusEvent, startEventBridge } from '../../../local/stand-ins/event-bridge.ts';
import { type EventPattern, eventPattern, matches } from '../../../local/stand-ins/event-pattern.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const start = async (pattern: EventPattern = {}) => {
  const heard: BusEvent[] = [];
  const running = await startEventBridge({
    rules: [{ pattern, target: async (event) => heard.push(event) }],
  });
  const client = new EventBridgeClient({
    endpoint: running.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  cleanups.push(running.close, () => client.destroy());
  return { ...running, client, heard };
};

const ENTRY = { Source: 'my.shop', DetailType: 'Order Placed', Detail: '{"order":1}' };

describe('EventBridge on this machine', () => {
  it('gives a rule the whole event under the id that the sender is told', async () => {
    const { client, heard } = await start();
    const Time = new Date('2026-05-01T10:00:00Z');
    const answer = await client.send(
      new PutEventsCommand({ Entries: [{ ...ENTRY, Time, Resources: ['arn:x'] }] }),
    );
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: heard[0]?.id }] });
    expect(heard).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'Order Placed',
        source: 'my.shop',
        account: '000000000000',
        time: '2026-05-01T10:00:00Z',
        region: 'us-east-1',
        resources: ['arn:x'],
        detail: { order: 1 },
      },
    ]);
  });

  it('gives a rule only what matches its pattern, and only of the default bus', async () => {
    const { client, heard } = await start({ 'detail-type': ['Order Placed'], source: [{ prefix: 'my.' }] });
    const others = [
      { DetailType: 'Order Sent' },
      { Source: 'your.shop' },
      { EventBusName: 'another' },
      { EventBusName: 'default' },
    ];
    const Entries = others.map((other) => ({ ...ENTRY, ...other }));
    expect(await client.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
    expect(heard).toHaveLength(1);
  });

  it('refuses entries one by one, in the words of AWS', async () => {
    const { client, heard } = await start();
    const Entries = [
      ENTRY,
      { ...ENTRY, Detail: 'no JSON' },
      { ...ENTRY, Detail: '[]' },
      { ...ENTRY, Source: undefined },
      { ...ENTRY, Source: 'aws.s3' },
    ];
    const answer = await client.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
    ]);
    expect(heard).toHaveLength(1);
  });

  it('takes at most ten entries, and no other operation', async () => {
    const { client, heard } = await start();
    const Entries = Array.from({ length: 11 }, () => ENTRY);
    await expect(client.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(client.send(new ListRulesCommand())).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(heard).toEqual([]);
  });

  it('says so when it is sent something else', async () => {
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
  const event = { source: 'my.shop', 'detail-type': 'Order Placed' };

  it.each<[boolean, EventPattern]>([
    [true, {}],
    [true, { source: ['your.shop', 'my.shop'] }],
    [true, { source: [{ prefix: 'my' }] }],
    [false, { source: ['my'] }],
    [false, { source: [] }],
    [false, { source: ['my.shop'], 'detail-type': ['Order'] }],
  ])('matches: %s for %o', (expected, pattern) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it('with something that is not known here is refused', () => {
    expect(eventPattern.safeParse({ detail: { order: [1] } }).success).toBe(false);
    expect(eventPattern.safeParse({ source: [{ suffix: 'shop' }] }).success).toBe(false);
  });
});
