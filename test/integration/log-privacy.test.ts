import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import type { FaultInput } from '../../local/simulator/faults.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender } from '../support/event-sender.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { API_KEY } from '../support/joggai-client.ts';
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

/** Texts that occur nowhere else in a log. */
const APPEARANCE = 'scar-above-the-left-eyebrow';
const BACKGROUND = 'kitchen-of-the-old-house';
const IMAGE = 'https://images.example/secret-face.png?signature=abc';
const PRIVATE = { ...AVATAR, appearance: APPEARANCE, background: BACKGROUND, image_url: IMAGE };
const PRIVATE_TEXTS = [API_KEY, APPEARANCE, BACKGROUND, 'secret-face', 'images.example'];

/** A log line about a record. */
const line = z.looseObject({
  message: z.string(),
  function_name: z.string(),
  function_request_id: z.string(),
  record_id: z.string(),
});

const isPrivate = (text: string): boolean => PRIVATE_TEXTS.some((privateText) => text.includes(privateText));

let dynamoDb: Awaited<ReturnType<typeof startDynamoDB>>;
let proxy: LossyProxy;
let running: RunningService;
beforeAll(async () => {
  dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
  proxy = await startLossyProxy(dynamoDb.url);
  stubAws({});
  running = await startRunningService({
    endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    // An outcome is recorded as long as the invocation lasts: here until a short limit, to keep the test short.
    prepare: async (name, setup) => (name === 'api' ? { ...setup, timeoutMs: 10_000 } : setup),
  });
});
beforeEach(() => running.reset());
afterEach(() => proxy.refuse(false));
afterAll(async () => {
  vi.unstubAllEnvs();
  await running?.close();
  await proxy?.close();
  await dynamoDb?.close();
});

const FAULTS: FaultInput[] = [
  // Messages in which JoggAI repeats parts of the request.
  { kind: 'code', code: 40000, msg: `bad image_url ${IMAGE}, ${APPEARANCE}` },
  { kind: 'code', code: 50000, msg: `${BACKGROUND} ${API_KEY}` },
  { kind: 'code', code: 99999, msg: APPEARANCE },
  { kind: 'code', code: 0 },
  { kind: 'http_error', status: 403 },
  { kind: 'http_error', status: 500 },
  { kind: 'garbage' },
  { kind: 'empty' },
  { kind: 'truncated' },
  { kind: 'reset', when: 'before_charging' },
  { kind: 'reset', when: 'after_charging' },
];

it('no log line contains the API key or personal data of a request', async () => {
  const { post, call, reset, simulator, service } = running;
  const keyed = (key: string, value: unknown = PRIVATE) => post(value, { 'idempotency-key': key });
  const statuses = new Set<number>();
  const bodies: string[] = [];
  const collect = async (answered: ReturnType<typeof post>) => {
    const { status, body } = await answered;
    statuses.add(status);
    bodies.push(JSON.stringify(body));
  };

  for (const fault of FAULTS) {
    // The gate would back off after three of them.
    await reset();
    simulator.control.addFault(fault);
    await collect(post(PRIVATE));
  }
  for (const settings of [{ credits: 0 }, { permission: false }, { apiKeys: ['another'] }]) {
    await reset();
    simulator.control.configure(settings);
    await collect(post(PRIVATE));
    await collect(post(PRIVATE));
  }
  await reset();
  await collect(keyed('order-1'));
  await collect(keyed('order-1'));
  await collect(keyed('order-1', { ...PRIVATE, age: 'Elderly' }));
  await collect(post({ ...PRIVATE, age: APPEARANCE, [BACKGROUND]: IMAGE }));
  await collect(post(`{"appearance":"${APPEARANCE}`));
  await collect(post(PRIVATE, { 'content-type': APPEARANCE }));
  await collect(post(PRIVATE, { 'idempotency-key': `${APPEARANCE} ${BACKGROUND}` }));
  await collect(post(PRIVATE, { 'x-correlation-id': `${APPEARANCE} ${BACKGROUND}`, traceparent: IMAGE }));
  await collect(post(PRIVATE, { prefer: 'respond-async' }));
  await collect(post(PRIVATE, {}, '/photo-avatars?dry_run=true'));
  await collect(call('GET', `/photo-avatars?status=${APPEARANCE}`));
  await collect(call('GET', `/photo-avatars/${APPEARANCE}`));
  await collect(call('GET', '/photo-avatars'));
  await service.api.invoke(PRIVATE);
  await service.api.invoke({ ...PRIVATE, age: APPEARANCE }).catch(() => {});
  simulator.control.addFault({ kind: 'code', code: 40000, msg: IMAGE });
  await service.api.invoke(PRIVATE).catch(() => {});

  // The ledger becomes unavailable during a call to JoggAI, then before one.
  simulator.control.addFault({ kind: 'delay', milliseconds: 'until_cleared' });
  const unrecorded = post(PRIVATE);
  await eventuallyTrue(() => simulator.control.state().calls.at(-1)?.fault === 'delay');
  proxy.refuse(true);
  simulator.control.clearFaults();
  await collect(unrecorded);
  const unavailable = await post(PRIVATE, { 'x-correlation-id': 'the-last-one' });
  await collect(Promise.resolve(unavailable));
  expect([unavailable.status, unavailable.headers.get('x-correlation-id')]).toEqual([503, 'the-last-one']);
  expect(running.logs.filter((text) => text.includes('"Request failed"')).at(-1)).toContain('"the-last-one"');

  expect([...statuses].sort()).toEqual([200, 201, 202, 400, 402, 404, 409, 415, 422, 500, 502, 503, 504]);
  expect(running.logs.length).toBeGreaterThan(60);
  expect(running.logs.filter(isPrivate)).toEqual([]);
  expect(bodies.filter((body) => body.includes(API_KEY))).toEqual([]);
});

it('no log line of intake or dispatch contains them, and lines about a request contain its record id and the invocation id', async () => {
  const { simulator, service, logs, records, makeDue } = running;
  const before = logs.length;
  const known = new Set((await records()).map(({ id }) => id));
  simulator.control.configure({
    generation: { durationMs: 0, outcome: { status: 'error', msg: `no face in ${IMAGE}: ${APPEARANCE}` } },
  });
  const { send, counts } = createEventSender(service);
  for (const message of [
    { ...PRIVATE, idempotency_key: 'from-the-queue' },
    { ...PRIVATE, age: APPEARANCE, [BACKGROUND]: IMAGE },
    `{"appearance":"${APPEARANCE}`,
  ]) {
    await send(message);
    // One at a time: if two invocations handle a message, their log lines interleave.
    await eventuallyTrue(async () => (await counts()).waiting === 0);
  }
  const received = (await records()).filter(({ id }) => !known.has(id));
  expect(received.map(({ status }) => status).sort()).toEqual(['generating', 'rejected', 'rejected']);
  const { id = '' } = received.find(({ status }) => status === 'generating') ?? {};
  await makeDue(id);
  await service.triggerDispatch();

  const lines = logs.slice(before);
  expect(lines.filter(isPrivate)).toEqual([]);
  const aboutRecord = lines.flatMap((text) => {
    const read = line.safeParse(JSON.parse(text));
    return read.success && read.data.record_id === id ? [read.data] : [];
  });
  expect(aboutRecord.map(({ function_name, message }) => `${function_name}: ${message}`)).toEqual([
    'intake: Request queued',
    'intake: JoggAI called',
    'intake: Outcome recorded',
    'dispatch: Generation ended',
  ]);
  const ended = (await records()).find((record) => record.id === id);
  expect(ended?.status).toBe('failed');
  const { history = [] } = ended ?? {};
  expect(new Set(history.map(({ by }) => by))).toEqual(
    new Set(aboutRecord.map(({ function_request_id }) => function_request_id)),
  );
});
