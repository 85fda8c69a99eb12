import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEventSender, type EventSender } from '../support/event-sender.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
let events: EventSender;
beforeAll(async () => {
  // A block, which lasts for a window, outlasts the test that is about it.
  running = await startRunningService({ environment: { JOGGAI_WINDOW_SECONDS: '3600' } });
  events = createEventSender(running.service);
});
beforeEach(() => running.reset());
afterAll(() => running?.close());

/** Waits for the records of one test, found by what only that test asks for. */
const settledRecords = async (appearance: string) => {
  const find = async () =>
    (await running.records()).filter(({ request }) => request?.appearance === appearance);
  return eventually(async () => {
    const found = await find();
    expect(found.map(({ status }) => status)).toEqual(['generating']);
    return found;
  });
};
const emptied = () =>
  eventually(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }));
/** Waits for the record of what was no valid request, found by its body. */
const rejected = (body: string) =>
  eventuallyTrue(async () => (await running.records()).find(({ invalid }) => invalid?.body === body));

describe('a request', () => {
  it('on the queue is recorded and submitted at once, and its message is gone', async () => {
    const id = await events.send({ ...FULL_AVATAR, appearance: 'by queue' });
    const [record] = await settledRecords('by queue');
    expect(record).toMatchObject({ source: 'queue', caller: 'queue', charged: 'yes', attempts: 1 });
    expect(running.paidCalls().map(({ body }) => body)).toEqual([{ ...FULL_AVATAR, appearance: 'by queue' }]);
    expect(id).not.toBe('');
    await emptied();
  });

  it('in an EventBridge event is taken out of its detail', async () => {
    const entry = await events.putEvent({ ...AVATAR, appearance: 'by event' });
    expect(entry).toEqual({ EventId: expect.any(String) });
    expect(await settledRecords('by event')).toMatchObject([{ source: 'eventbridge', caller: 'my.shop' }]);
  });

  it('is not seen in events of another detail-type', async () => {
    await events.putEvent({ ...AVATAR, appearance: 'other type' }, { DetailType: 'Order Placed' });
    await events.putEvent({ ...AVATAR, appearance: 'right type' });
    await settledRecords('right type');
    await emptied();
    expect(running.charges()).toBe(1);
  });

  it('published on a topic is taken out of its envelope', async () => {
    const topic = await events.publish({ ...AVATAR, appearance: 'by topic' }, { raw: false });
    expect(await settledRecords('by topic')).toMatchObject([{ source: 'sns', caller: topic }]);
  });

  it('published on a topic with raw delivery is a message like any other', async () => {
    await events.publish({ ...AVATAR, appearance: 'by raw topic' }, { raw: true });
    expect(await settledRecords('by raw topic')).toMatchObject([{ source: 'queue' }]);
  });
});

describe('what is no valid request', () => {
  it('is recorded as rejected with its errors and its body, and not tried again', async () => {
    const body = JSON.stringify({ ...AVATAR, age: 'adult', photo_url: 'https://example.com/a.png' });
    await events.send(body);
    const record = await rejected(body);
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
    await emptied();
    expect(running.paidCalls()).toEqual([]);
    const listed = await running.call('GET', '/photo-avatars?status=rejected&limit=100');
    expect(JSON.stringify(listed.body)).toContain(record.id);
  });

  it('does not have to be JSON', async () => {
    await events.send('hello');
    expect((await rejected('hello')).invalid?.errors).toEqual([{ field: 'body', message: 'is not JSON' }]);
    await emptied();
  });

  it('does not keep the others of its batch from being submitted', async () => {
    await Promise.all([
      events.send('not JSON'),
      events.send({ ...AVATAR, appearance: 'beside' }),
      events.send('{}'),
    ]);
    await settledRecords('beside');
    await emptied();
    expect(running.charges()).toBe(1);
  });
});

describe('the same request', () => {
  it('sent again under its idempotency key is paid for once', async () => {
    const request = { ...AVATAR, appearance: 'thrice', idempotency_key: randomUUID() };
    for (let time = 0; time < 3; time += 1) await events.send(request);
    await settledRecords('thrice');
    await emptied();
    expect(running.charges()).toBe(1);
  });

  it('in an event that is delivered again, in one batch or in another, is paid for once', async () => {
    const event = {
      id: randomUUID(),
      source: 'my.shop',
      'detail-type': 'Photo Avatar Requested',
      detail: { ...AVATAR, appearance: 'delivered again' },
    };
    await Promise.all([events.send(event), events.send(event)]);
    await settledRecords('delivered again');
    await events.send(event);
    await emptied();
    expect(running.charges()).toBe(1);
  });

  it('in a message that is delivered again is paid for once', async () => {
    const body = JSON.stringify({ ...AVATAR, appearance: 'at least once' });
    const attributes = { ApproximateReceiveCount: '1' };
    const message = { messageId: randomUUID(), body, attributes };
    for (let time = 0; time < 2; time += 1) {
      const response = await running.service.intake.invoke({ Records: [message, message] });
      expect(response).toEqual({ batchItemFailures: [] });
    }
    await settledRecords('at least once');
    expect(running.charges()).toBe(1);
  });

  it('under a key that belongs to another request is recorded as rejected', async () => {
    const idempotency_key = randomUUID();
    await events.send({ ...AVATAR, appearance: 'owner of the key', idempotency_key });
    const [owner] = await settledRecords('owner of the key');
    const other = JSON.stringify({ ...AVATAR, appearance: 'another', idempotency_key });
    await events.send(other);
    const record = await rejected(other);
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

  it('returns what was recorded when it is repeated under its key', async () => {
    const request = { ...AVATAR, idempotency_key: randomUUID() };
    const first = await events.invoke('api', request);
    expect(await events.invoke('api', request)).toEqual(first);
    expect(running.charges()).toBe(1);
  });

  it('that is not valid throws InvalidRequest, naming each field', async () => {
    const { error, payload } = await events.invoke('api', { ...AVATAR, age: 'Old', style: 'Social' });
    expect(error).toBe('InvalidRequest');
    expect(Object(payload).errorMessage).toMatch(/age must be one of .*style is not a field/);
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
  ])('throws %s while JoggAI refuses the account', async (name, settings) => {
    running.simulator.control.configure(settings);
    expect((await events.invoke('api', AVATAR)).error).toBe(name);
    // The second one is turned back before JoggAI is asked.
    expect((await events.invoke('api', AVATAR)).error).toBe(name);
    expect(running.paidCalls()).toHaveLength(1);
  });

  it.each([
    ['RejectedByJoggAI', { kind: 'code', code: 40000 }],
    ['JoggAIFailed', { kind: 'code', code: 50000 }],
    ['InDoubt', { kind: 'reset', when: 'after_charging' }],
  ] as const)('throws %s when that is how JoggAI answers', async (name, fault) => {
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
