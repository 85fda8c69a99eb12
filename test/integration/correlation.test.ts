import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EVENT_SOURCE } from '../../lambda/shared/event-names.ts';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { recordView } from '../../lambda/views/schemas.ts';
import { LOG_QUERIES } from '../../lib/log-queries.ts';
import { createEventSender, type EventSender } from '../support/event-sender.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type Answer, type RunningService, startRunningService } from '../support/running-service.ts';

/** Not of metrics, nor of what Lambda logs. */
const logLine = z.looseObject({
  message: z.string(),
  function_name: z.string(),
  correlation_id: z.string().optional(),
  first_correlation_id: z.string().optional(),
  http_request_id: z.string().optional(),
  record_id: z.string().optional(),
});
const publishedEvent = z.object({ detail: z.object({ id: z.string(), correlation_id: z.string() }) });

let running: RunningService;
let sender: EventSender;
const events: z.infer<typeof publishedEvent>['detail'][] = [];
beforeAll(async () => {
  const target = async (event: unknown) => void events.push(publishedEvent.parse(event).detail);
  running = await startRunningService({ rules: [{ pattern: { source: [EVENT_SOURCE] }, target }] });
  sender = createEventSender(running.service);
});
beforeEach(async () => {
  await running.reset();
  running.logs.splice(0);
  events.splice(0);
});
afterAll(() => running.close());

const lines = () => running.logs.flatMap((text) => parseJson(logLine, text) ?? []);

/** Each line as its function, its message, its id and the first id of its record. */
const summary = () =>
  lines()
    .filter(({ message }) => !['Drained', 'Account checked'].includes(message))
    .map((line) =>
      [
        `${line.function_name}: ${line.message}`,
        line.correlation_id,
        ...(line.first_correlation_id === undefined ? [] : [line.first_correlation_id]),
      ].join(' | '),
    );

/** The lines that the saved query finds, with the id in the place that it marks. */
const foundBy = (id: string) => {
  const [, needle = ''] =
    /^@message like '(.*)'$/.exec(LOG_QUERIES['One correlation id'].filterStatements[0] ?? '') ?? [];
  return running.logs.filter((text) => text.includes(needle.replace('PUT THE ID HERE', id)));
};

const idOf = ({ headers }: Answer) => headers.get('x-correlation-id');
const apiGatewayIdOf = ({ headers }: Answer) => headers.get('apigw-requestid') ?? '';
const viewIn = ({ body }: Answer) => recordView.parse(body);
const recorded = async (id: string) => (await running.records()).find((record) => record.id === id);

const OWN = 'order-4711.attempt:1=';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

describe('the correlation id of an HTTP request', () => {
  it("is API Gateway's request id, in the answer, the record and every log line", async () => {
    const answer = await running.post();
    const id = apiGatewayIdOf(answer);
    expect(idOf(answer)).toBe(id);
    expect(viewIn(answer).correlation_id).toBe(id);
    expect(summary()).toEqual([`api: JoggAI called | ${id}`, `api: Outcome recorded | ${id}`]);
    expect(foundBy(id)).toHaveLength(2);
  });

  it('is the one that the caller sends, and one line joins it to the access log', async () => {
    const answer = await running.post(AVATAR, { 'x-correlation-id': OWN, traceparent: TRACEPARENT });
    expect([idOf(answer), viewIn(answer).correlation_id]).toEqual([OWN, OWN]);
    expect(summary()).toEqual([
      `api: Correlated by the caller | ${OWN}`,
      `api: JoggAI called | ${OWN}`,
      `api: Outcome recorded | ${OWN}`,
    ]);
    for (const line of lines()) expect(line.http_request_id).toBe(apiGatewayIdOf(answer));
    expect(foundBy(OWN)).toHaveLength(3);
    expect(foundBy(apiGatewayIdOf(answer))).toEqual(foundBy(OWN));
  });

  it('is the trace that the caller continues', async () => {
    const answer = await running.post(AVATAR, { traceparent: TRACEPARENT });
    expect([idOf(answer), viewIn(answer).correlation_id]).toEqual([TRACE, TRACE]);
  });

  it.each([
    ['a sentence', { 'x-correlation-id': 'scar above the left eyebrow' }],
    ['an address', { 'x-correlation-id': 'someone@example.com' }],
    ['too long', { 'x-correlation-id': 'x'.repeat(129) }],
    ['empty', { 'x-correlation-id': '' }],
    ['sent twice', { 'x-correlation-id': 'one, two' }],
    ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }],
    ['a trace without a parent', { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` }],
    ['of an impossible version', { traceparent: `ff-${TRACE}-00f067aa0ba902b7-01` }],
  ])("is API Gateway's if the caller's is %s, which no log line repeats", async (_, headers) => {
    const answer = await running.post(AVATAR, { ...headers });
    expect(answer.status).toBe(201);
    expect(idOf(answer)).toBe(apiGatewayIdOf(answer));
    const [given = ''] = Object.values(headers);
    expect(running.logs.filter((text) => given !== '' && text.includes(given))).toEqual([]);
  });

  it.each([
    ['a problem', '/photo-avatars/nothing', 404],
    ['a list', '/photo-avatars', 200],
    ['an unknown route', '/nothing', 404],
  ])('is in the answer to %s', async (_, path, status) => {
    const answer = await running.call('GET', path, { headers: { 'x-correlation-id': OWN } });
    expect([answer.status, idOf(answer)]).toEqual([status, OWN]);
    expect(foundBy(OWN)).toHaveLength(1);
  });

  it('is in all that dispatch logs and publishes of the request later', async () => {
    running.simulator.control.configure({ generation: { durationMs: 0, outcome: { status: 'success' } } });
    const answer = await running.post(AVATAR, { prefer: 'respond-async', 'x-correlation-id': OWN });
    const { id } = viewIn(answer);
    await running.service.triggerDispatch();
    await running.makeDue(id);
    await running.service.triggerDispatch();
    expect(summary()).toEqual([
      `api: Correlated by the caller | ${OWN}`,
      `api: Request queued | ${OWN}`,
      `dispatch: JoggAI called | ${OWN}`,
      `dispatch: Outcome recorded | ${OWN}`,
      `dispatch: Generation ended | ${OWN}`,
    ]);
    expect(foundBy(OWN)).toHaveLength(5);
    expect(await eventuallyTrue(() => events[0])).toEqual({ id, correlation_id: OWN });
  });
});

describe('a repeated request', () => {
  it('has an id of its own, the record keeps the first, and one line has both', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const first = await running.post(AVATAR, { ...key, 'x-correlation-id': 'first' });
    running.logs.splice(0);
    const again = await running.post(AVATAR, { ...key, 'x-correlation-id': 'again' });
    expect(idOf(again)).toBe('again');
    expect(again.body).toEqual(first.body);
    expect(viewIn(again).correlation_id).toBe('first');
    expect(summary()).toEqual([
      'api: Correlated by the caller | again',
      'api: Idempotency key known | again | first',
    ]);
  });

  it('that is paid for has both in the lines of that call, too', async () => {
    const key = { 'idempotency-key': 'order-2' };
    running.simulator.control.addFault({ kind: 'code', code: 40000, msg: 'no', times: 1 });
    await running.post(AVATAR, { ...key, 'x-correlation-id': 'first' });
    running.logs.splice(0);
    const again = await running.post(AVATAR, { ...key, 'x-correlation-id': 'again' });
    expect([again.status, viewIn(again).correlation_id]).toEqual([201, 'first']);
    expect(summary()).toEqual([
      'api: Correlated by the caller | again',
      'api: JoggAI called | again | first',
      'api: Outcome recorded | again | first',
    ]);
  });

  it('as an event is found by its own id and by the first', async () => {
    const message = { ...AVATAR, idempotency_key: 'order-3' };
    const first = await sender.send(message);
    await eventuallyTrue(() => summary().includes(`intake: Outcome recorded | ${first}`));
    running.logs.splice(0);
    const again = await sender.send(message);
    await eventuallyTrue(() => summary().includes(`intake: Idempotency key known | ${again} | ${first}`));
  });
});

describe('the correlation id of an event', () => {
  const recordedAs = async (id: string) => {
    // In any order: another process, which still drains, may submit it before the first has logged.
    const messages = ['JoggAI called', 'Outcome recorded', 'Request queued'];
    await eventuallyTrue(() => foundBy(id).length === messages.length);
    expect(summary().sort()).toEqual(messages.map((message) => `intake: ${message} | ${id}`));
    const about = lines().find(({ record_id }) => record_id !== undefined);
    expect(await recorded(about?.record_id ?? '')).toMatchObject({ correlationId: id });
  };

  it("is EventBridge's event id", async () => {
    const { EventId = '' } = (await sender.putEvent(AVATAR)) ?? {};
    await recordedAs(EventId);
  });

  it("is SQS's message id", async () => {
    await recordedAs(await sender.send(AVATAR));
  });

  it('is the one beside its fields', async () => {
    await sender.putEvent({ ...AVATAR, correlation_id: OWN });
    await recordedAs(OWN);
  });

  it('is that of the message if the envelope, which any sender may write, has free text as its id', async () => {
    const envelope = { id: 'a left eyebrow', source: 'x', 'detail-type': 'y', detail: AVATAR };
    await recordedAs(await sender.send(envelope));
  });

  it('is in the line about an invalid one', async () => {
    const id = await sender.send({ ...AVATAR, age: 'adult' });
    await eventuallyTrue(() => summary().includes(`intake: Request not valid | ${id}`));
    const other = await sender.send({ ...AVATAR, correlation_id: 'a left eyebrow' });
    await eventuallyTrue(() => summary().includes(`intake: Request not valid | ${other}`));
    const rejected = (await running.records()).find(({ correlationId }) => correlationId === other);
    expect(rejected?.invalid?.errors).toMatchObject([{ field: 'correlation_id' }]);
  });
});

describe('the correlation id of a direct invocation', () => {
  it("is Lambda's request id, or the one beside the request's fields", async () => {
    const [ofLambda, given] = await Promise.all(
      [AVATAR, { ...AVATAR, correlation_id: OWN }].map(async (event) =>
        recordView.parse((await sender.invoke('api', event)).payload),
      ),
    );
    expect(ofLambda?.correlation_id).toBe(ofLambda?.history[0]?.by);
    expect(given?.correlation_id).toBe(OWN);
    expect(summary()).toEqual(expect.arrayContaining([`api: JoggAI called | ${OWN}`]));
  });
});
