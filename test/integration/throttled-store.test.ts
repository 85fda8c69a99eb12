import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender, type EventSender } from '../support/event-sender.ts';
import { eventually } from '../support/eventually.ts';
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { expectProblem, type RunningService, startRunningService } from '../support/running-service.ts';

let proxy: LossyProxy;
let running: RunningService;
let events: EventSender;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
  proxy = await startLossyProxy(dynamoDb.url);
  stubAws({});
  running = await startRunningService({ endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url } });
  events = createEventSender(running.service);
  cleanups.push(dynamoDb.close, proxy.close, () => vi.unstubAllEnvs(), running.close);
});
beforeEach(async () => {
  proxy.throttle(undefined);
  await running.reset();
});
afterAll(async () => {
  for (const cleanUp of cleanups.toReversed()) await cleanUp();
});

/** Writes of records: an index that cannot follow throttles the writes of its table. */
const isRecord = (operation: string): boolean => operation === 'PutItem';

const recordsNamed = async (name: string) =>
  (await running.records()).filter(({ request }) => request?.appearance?.startsWith(name));

describe('while DynamoDB throttles the writes of records', () => {
  it('a request over HTTP is answered with 503 and not charged, and the same key works afterwards', async () => {
    const [body, headers] = [{ ...AVATAR, appearance: 'over HTTP' }, { 'idempotency-key': 'order-1' }];
    proxy.throttle(isRecord);
    expectProblem(await running.post(body, headers), 'unavailable');
    expect(running.paidCalls()).toEqual([]);

    proxy.throttle(undefined);
    expect((await running.post(body, headers)).status).toBe(201);
    expect(await recordsNamed('over HTTP')).toMatchObject([{ status: 'generating' }]);
    expect(running.charges()).toBe(1);
  });

  it('the messages that were not recorded return to the queue, and each is recorded and charged once', async () => {
    // Half of them.
    proxy.throttle((operation, body) => isRecord(operation) && /in a message [0-4]/.test(body));
    const names = Array.from({ length: 10 }, (_, index) => `in a message ${index}`);
    for (const appearance of names) await events.send({ ...AVATAR, appearance });
    const failures = () => running.logs.filter((line) => line.includes('Message not recorded'));
    await eventually(() => expect(failures()).toHaveLength(5));
    await eventually(async () => expect(await recordsNamed('in a message')).toHaveLength(5));
    expect(await events.counts()).toMatchObject({ setAside: 0 });

    proxy.throttle(undefined);
    await events.redeliver();
    await eventually(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }));
    await running.service.triggerDispatch();
    const records = await recordsNamed('in a message');
    expect(records.map(({ request }) => request?.appearance).toSorted()).toEqual(names);
    expect(records.map(({ status, attempts }) => [status, attempts])).toEqual(
      names.map(() => ['generating', 1]),
    );
    expect(running.charges()).toBe(names.length);
  });

  it('dispatch submits nothing that it cannot claim, and all of it in the next run', async () => {
    await running.call('PATCH', '/account', {
      headers: { 'content-type': 'application/json' },
      body: '{"paused":true}',
    });
    for (const appearance of ['waits 0', 'waits 1']) await events.send({ ...AVATAR, appearance });
    await eventually(async () => expect(await recordsNamed('waits')).toHaveLength(2));
    // Intake has ended, too.
    await eventually(async () => expect(await events.counts()).toMatchObject({ waiting: 0 }));
    await running.call('PATCH', '/account', {
      headers: { 'content-type': 'application/json' },
      body: '{"paused":false}',
    });

    proxy.throttle(isRecord);
    await expect(running.service.triggerDispatch()).rejects.toThrow('A part of dispatch failed');
    expect(running.paidCalls()).toEqual([]);
    proxy.throttle(undefined);
    await running.service.triggerDispatch();
    expect(await recordsNamed('waits')).toMatchObject([
      { status: 'generating', attempts: 1 },
      { status: 'generating', attempts: 1 },
    ]);
    expect(running.charges()).toBe(2);
  });
});
