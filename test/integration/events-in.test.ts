import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEventSender, type EventSender } from '../support/event-sender.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
let events: EventSender;
beforeAll(async () => {
  // A block lasts for one window: it must not expire during the test.
  running = await startRunningService({ environment: { JOGGAI_WINDOW_SECONDS: '3600' } });
  events = createEventSender(running.service);
});
beforeEach(() => running.reset());
afterAll(() => running?.close());

/** Waits until the only record with this appearance is with JoggAI. Each test uses another appearance. */
const submittedRecords = async (appearance: string) => {
  const find = async () =>
    (await running.records()).filter(({ request }) => request?.appearance === appearance);
  return eventually(async () => {
    const found = await find();
    expect(found.map(({ status }) => status)).toEqual(['generating']);
    return found;
  });
};
const queueEmptied = () =>
  eventually(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }));
/** Waits for the record of an invalid request with this body. */
const rejectedRecord = (body: string) =>
  eventuallyTrue(async () => (await running.records()).find(({ invalid }) => invalid?.body === body));

describe('a request', () => {
  it('on the queue is recorded and submitted by intake, and its message is deleted', async () => {
    const id = await events.send({ ...FULL_AVATAR, appearance: 'by queue' });
    const [record] = await submittedRecords('by queue');
    expect(record).toMatchObject({ source: 'queue', caller: 'queue', charged: 'yes', attempts: 1 });
    expect(running.paidCalls().map(({ body }) => body)).toEqual([{ ...FULL_AVATAR, appearance: 'by queue' }]);
    expect(id).not.toBe('');
    await queueEmptied();
  });

  it('in an EventBridge event is read from its detail', async () => {
    const entry = await events.putEvent({ ...AVATAR, appearance: 'by event' });
    expect(entry).toEqual({ EventId: expect.any(String) });
    expect(await submittedRecords('by event')).toMatchObject([{ source: 'eventbridge', caller: 'my.shop' }]);
  });

  it('is not read from events of another detail-type', async () => {
    await events.putEvent({ ...AVATAR, appearance: 'other type' }, { DetailType: 'Order Placed' });
    await events.putEvent({ ...AVATAR, appearance: 'right type' });
    await submittedRecords('right type');
    await queueEmptied();
    expect(running.charges()).toBe(1);
  });

  it('published to a topic is read from its envelope', async () => {
    const topic = await events.publish({ ...AVATAR, appearance: 'by topic' }, { raw: false });
    expect(await submittedRecords('by topic')).toMatchObject([{ source: 'sns', caller: topic }]);
  });

  it('published to a topic with raw delivery is treated like a message sent to the queue', async () => {
    await events.publish({ ...AVATAR, appearance: 'by raw topic' }, { raw: true });
    expect(await submittedRecords('by raw topic')).toMatchObject([{ source: 'queue' }]);
  });
});

describe('an invalid request', () => {
  it('is recorded as rejected with its errors and its body, and is not retried', async () => {
    const body = JSON.stringify({ ...AVATAR, age: 'adult', photo_url: 'https://example.com/a.png' });
    await events.send(body);
    const record = await rejectedRecord(body);
    expect(record).toMatchObject({
      status: 'rejected',
      charged: 'no',
      attempts: 0,
      error: { code: 'invalid_request' },
    });
    expect(record.invalid?.errors).toEqual([
      { field: 'age', message: expect.stringContaining('did you mean "Adult"') },
      { field: 'photo_url', message: expect.stringContaining('the field is "image_url"') },
    ]);
    await queueEmptied();
    expect(running.paidCalls()).toEqual([]);
    const listed = await running.call('GET', '/photo-avatars?status=rejected&limit=100');
    expect(JSON.stringify(listed.body)).toContain(record.id);
  });

  it('that is not JSON is recorded as rejected', async () => {
    await events.send('hello');
    expect((await rejectedRecord('hello')).invalid?.errors).toEqual([
      { field: 'body', message: 'is not JSON' },
    ]);
    await queueEmptied();
  });

  it('does not prevent the other requests in its batch from being submitted', async () => {
    await Promise.all([
      events.send('not JSON'),
      events.send({ ...AVATAR, appearance: 'beside' }),
      events.send('{}'),
    ]);
    await submittedRecords('beside');
    await queueEmptied();
    expect(running.charges()).toBe(1);
  });
});

describe('the same request', () => {
  it('sent again under its idempotency key is charged once', async () => {
    const request = { ...AVATAR, appearance: 'thrice', idempotency_key: randomUUID() };
    for (let count = 0; count < 3; count += 1) await events.send(request);
    await submittedRecords('thrice');
    await queueEmptied();
    expect(running.charges()).toBe(1);
  });

  it('in an event delivered again, in the same batch or another, is charged once', async () => {
    const event = {
      id: randomUUID(),
      source: 'my.shop',
      'detail-type': 'Photo Avatar Requested',
      detail: { ...AVATAR, appearance: 'delivered again' },
    };
    await Promise.all([events.send(event), events.send(event)]);
    await submittedRecords('delivered again');
    await events.send(event);
    await queueEmptied();
    expect(running.charges()).toBe(1);
  });

  it('in a message delivered again is charged once', async () => {
    const body = JSON.stringify({ ...AVATAR, appearance: 'at least once' });
    const attributes = { ApproximateReceiveCount: '1' };
    const message = { messageId: randomUUID(), body, attributes };
    for (let count = 0; count < 2; count += 1) {
      const response = await running.service.intake.invoke({ Records: [message, message] });
      expect(response).toEqual({ batchItemFailures: [] });
    }
    await submittedRecords('at least once');
    expect(running.charges()).toBe(1);
  });

  it('under a key that belongs to another request is recorded as rejected', async () => {
    const idempotency_key = randomUUID();
    await events.send({ ...AVATAR, appearance: 'owner of the key', idempotency_key });
    const [owner] = await submittedRecords('owner of the key');
    const other = JSON.stringify({ ...AVATAR, appearance: 'another', idempotency_key });
    await events.send(other);
    const record = await rejectedRecord(other);
    expect(record.invalid?.errors).toEqual([
      { field: 'idempotency_key', message: `belongs to another request: photo avatar ${owner?.id}` },
    ]);
    expect(running.charges()).toBe(1);
  });
});

describe('a direct invocation', () => {
  it('returns the record', async () => {
    const { error, payload } = await events.invoke('api', { ...AVATAR, idempotency_key: randomUUID() });
    expect(error).toBeUndefined();
    expect(payload).toMatchObject({ status: 'generating', charged: 'yes', source: 'invoke' });
  });

  it('repeated under its key returns the same record', async () => {
    const request = { ...AVATAR, idempotency_key: randomUUID() };
    const first = await events.invoke('api', request);
    expect(await events.invoke('api', request)).toEqual(first);
    expect(running.charges()).toBe(1);
  });

  it('that is not valid throws InvalidRequest with each invalid field', async () => {
    const { error, payload } = await events.invoke('api', { ...AVATAR, age: 'Old', style: 'Social' });
    expect(error).toBe('InvalidRequest');
    expect(Object(payload).errorMessage).toMatch(/age must be one of .*\(another field\) is not a field/);
  });

  it('throws IdempotencyKeyReused when its key belongs to another request', async () => {
    const idempotency_key = randomUUID();
    await events.invoke('api', { ...AVATAR, idempotency_key });
    const { error } = await events.invoke('api', { ...AVATAR, gender: 'Male', idempotency_key });
    expect(error).toBe('IdempotencyKeyReused');
  });

  it.each([
    ['InsufficientCredit', { credits: 0 }],
    ['NoPermission', { permission: false }],
    ['InvalidApiKey', { apiKeys: ['another'] }],
  ])('throws %s while JoggAI rejects the account', async (name, settings) => {
    running.simulator.control.configure(settings);
    expect((await events.invoke('api', AVATAR)).error).toBe(name);
    // The gate rejects the second request without a call to JoggAI.
    expect((await events.invoke('api', AVATAR)).error).toBe(name);
    expect(running.paidCalls()).toHaveLength(1);
  });

  it.each([
    ['RejectedByJoggAI', { kind: 'code', code: 40000 }],
    ['JoggAIFailed', { kind: 'code', code: 50000 }],
    ['InDoubt', { kind: 'reset', when: 'after_charging' }],
  ] as const)('throws %s for that outcome of the call to JoggAI', async (name, fault) => {
    running.simulator.control.addFault(fault);
    const { error, payload } = await events.invoke('api', AVATAR);
    expect(error).toBe(name);
    expect(Object(payload).errorMessage).toMatch(/Record: [0-9a-f-]{36}$/);
  });

  it('throws Paused while an operator has paused the account', async () => {
    await running.sendJson('PATCH', '/account', { paused: true });
    expect((await events.invoke('api', AVATAR)).error).toBe('Paused');
    expect(running.paidCalls()).toEqual([]);
  });
});
