import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { FaultInput } from '../../local/simulator/faults.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender } from '../support/event-sender.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { API_KEY } from '../support/joggai-client.ts';
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

/** Words that nothing else in a log would contain. */
const APPEARANCE = 'scar-above-the-left-eyebrow';
const BACKGROUND = 'kitchen-of-the-old-house';
const IMAGE = 'https://pictures.example/secret-face.png?signature=abc';
const PRIVATE = { ...AVATAR, appearance: APPEARANCE, background: BACKGROUND, image_url: IMAGE };
const TELLING = [API_KEY, APPEARANCE, BACKGROUND, 'secret-face', 'pictures.example'];

/** Lines that say what they are about. */
const line = z.looseObject({
  message: z.string(),
  function_name: z.string(),
  function_request_id: z.string(),
  record_id: z.string(),
});

const tellsPrivate = (text: string): boolean => TELLING.some((words) => text.includes(words));

let dynamoDb: Awaited<ReturnType<typeof startDynamoDB>>;
let proxy: LossyProxy;
let running: RunningService;
beforeAll(async () => {
  dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
  proxy = await startLossyProxy(dynamoDb.url);
  stubAws({});
  running = await startRunningService({ endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url } });
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
  // JoggAI repeats what it was sent.
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

it('no log line of any path holds the API key or what the request says of a person', async () => {
  const { post, call, reset, simulator, service } = running;
  const keyed = (key: string, value: unknown = PRIVATE) => post(value, { 'idempotency-key': key });
  const statuses = new Set<number>();
  const told: string[] = [];
  const tell = async (answered: ReturnType<typeof post>) => {
    const { status, body } = await answered;
    statuses.add(status);
    told.push(JSON.stringify(body));
  };

  for (const fault of FAULTS) {
    simulator.control.addFault(fault);
    await tell(post(PRIVATE));
  }
  for (const settings of [{ credits: 0 }, { permission: false }, { apiKeys: ['another'] }]) {
    await reset();
    simulator.control.configure(settings);
    await tell(post(PRIVATE));
    await tell(post(PRIVATE));
  }
  await reset();
  await tell(keyed('order-1'));
  await tell(keyed('order-1'));
  await tell(keyed('order-1', { ...PRIVATE, age: 'Elderly' }));
  await tell(post({ ...PRIVATE, age: APPEARANCE, [BACKGROUND]: IMAGE }));
  await tell(post(`{"appearance":"${APPEARANCE}`));
  await tell(post(PRIVATE, { 'content-type': APPEARANCE }));
  await tell(post(PRIVATE, { 'idempotency-key': `${APPEARANCE} ${BACKGROUND}` }));
  await tell(post(PRIVATE, { prefer: 'respond-async' }));
  await tell(post(PRIVATE, {}, '/photo-avatars?dry_run=true'));
  await tell(call('GET', `/photo-avatars?status=${APPEARANCE}`));
  await tell(call('GET', `/photo-avatars/${APPEARANCE}`));
  await tell(call('GET', '/photo-avatars'));
  await service.api.invoke(PRIVATE);
  await service.api.invoke({ ...PRIVATE, age: APPEARANCE }).catch(() => {});
  simulator.control.addFault({ kind: 'code', code: 40000, msg: IMAGE });
  await service.api.invoke(PRIVATE).catch(() => {});

  // The outcome cannot be recorded, then nothing can.
  simulator.control.addFault({ kind: 'delay', milliseconds: 'until_cleared' });
  const unrecorded = post(PRIVATE);
  await eventuallyTrue(() => simulator.control.state().calls.at(-1)?.fault === 'delay');
  proxy.refuse(true);
  simulator.control.clearFaults();
  await tell(unrecorded);
  await tell(post(PRIVATE));

  expect([...statuses].sort()).toEqual([200, 201, 202, 400, 402, 404, 409, 415, 422, 500, 502, 503, 504]);
  expect(running.logs.length).toBeGreaterThan(60);
  expect(running.logs.filter(tellsPrivate)).toEqual([]);
  expect(told.filter((body) => body.includes(API_KEY))).toEqual([]);
});

it('no log line of queue and dispatch does either, and all about a request name its record and their invocation', async () => {
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
    // One after the other: a message that two invocations meet has its lines from both, in any order.
    await eventuallyTrue(async () => (await counts()).waiting === 0);
  }
  const arrived = (await records()).filter(({ id }) => !known.has(id));
  expect(arrived.map(({ status }) => status).sort()).toEqual(['generating', 'rejected', 'rejected']);
  const { id = '' } = arrived.find(({ status }) => status === 'generating') ?? {};
  await makeDue(id);
  await service.triggerDispatch();

  const lines = logs.slice(before);
  expect(lines.filter(tellsPrivate)).toEqual([]);
  const about = lines.flatMap((text) => {
    const read = line.safeParse(JSON.parse(text));
    return read.success && read.data.record_id === id ? [read.data] : [];
  });
  expect(about.map(({ function_name, message }) => `${function_name}: ${message}`)).toEqual([
    'intake: Request queued',
    'intake: JoggAI called',
    'intake: Outcome recorded',
    'dispatch: Generation ended',
  ]);
  const ended = (await records()).find((record) => record.id === id);
  expect(ended?.status).toBe('failed');
  const { history = [] } = ended ?? {};
  expect(new Set(history.map(({ by }) => by))).toEqual(
    new Set(about.map(({ function_request_id }) => function_request_id)),
  );
});
