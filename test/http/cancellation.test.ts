import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_SOURCE } from '../../lambda/shared/event-names.ts';
import { createEventSender } from '../support/event-sender.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import {
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

let world: RunningService;
const events: unknown[] = [];
beforeAll(async () => {
  world = await startRunningService({
    rules: [{ pattern: { source: [EVENT_SOURCE] }, target: async (event) => void events.push(event) }],
  });
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const givenQueued = async (key: string) =>
  recordIn(await world.post(AVATAR, { prefer: 'respond-async', 'idempotency-key': key })).id;
const cancel = (id: string, init?: RequestInit) =>
  world.call('POST', `/photo-avatars/${id}/cancellation`, init);

describe('POST /photo-avatars/{id}/cancellation', () => {
  it('cancels a queued request: dispatch does not submit it, and publishes its end', async () => {
    const id = await givenQueued('queued');
    const answer = await cancel(id);
    expect(answer).toMatchObject({
      status: 200,
      body: { id, status: 'cancelled', charged: 'no', attempts: 0, error: { code: 'cancelled' } },
    });
    await world.service.triggerDispatch();
    expect(world.charges()).toBe(0);
    expect((await world.call('GET', `/photo-avatars/${id}`)).body).toMatchObject({ status: 'cancelled' });
    await eventually(() =>
      expect(events).toContainEqual(
        expect.objectContaining({
          'detail-type': 'Photo Avatar Cancelled',
          detail: expect.objectContaining({ id, status: 'cancelled', charged: 'no' }),
        }),
      ),
    );
  });

  it('records the authenticated caller as the one who cancelled it', async () => {
    const id = await givenQueued('by-whom');
    expect((await cancel(id)).body).toMatchObject({
      history: [
        { status: 'queued' },
        { status: 'cancelled', note: expect.stringMatching(/^cancelled by arn:aws:/) },
      ],
    });
  });

  it('answers 200 with the same record again, so that a lost answer does not look like a failure', async () => {
    const id = await givenQueued('twice');
    const first = await cancel(id);
    expect(await cancel(id)).toMatchObject({ status: 200, body: first.body });
  });

  it('replays the record to a later request under its key, which is not paid for', async () => {
    const id = await givenQueued('again');
    await cancel(id);
    const again = await world.post(AVATAR, { 'idempotency-key': 'again' });
    expect(again).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(world.charges()).toBe(0);
  });

  it('takes an empty JSON object as its body, and nothing else', async () => {
    const id = await givenQueued('with-a-body');
    const headers = { 'content-type': 'application/json' };
    expectProblem(await cancel(id, { headers, body: '{"reason":"x"}' }), 'invalid-request');
    expectProblem(await cancel(id, { headers, body: '[]' }), 'invalid-request');
    expectProblem(await cancel(id, { headers, body: '{' }), 'invalid-json');
    expect((await cancel(id, { headers, body: '{}' })).status).toBe(200);
  });

  it('answers 409 with the record of a request that was submitted, and changes nothing', async () => {
    const { id } = recordIn(await world.post());
    const { record } = expectProblem(await cancel(id), 'not-cancellable');
    expect(record).toMatchObject({ id, status: 'generating', charged: 'yes' });
  });

  it('answers 404 for an unknown id', async () => {
    expectProblem(await cancel('01a2048b-110a-768b-a563-139d399c370a'), 'not-found');
    expectProblem(await cancel('order-4711'), 'not-found');
  });
});

it('an event of a cancelled request that is delivered again is acknowledged and not paid for', async () => {
  const sender = createEventSender(world.service);
  await world.sendJson('PATCH', '/account', { paused: true });
  const event = { ...AVATAR, idempotency_key: 'by queue' };
  await sender.send(event);
  const { id } = await eventually(async () => {
    const [record] = (await world.records()).filter(({ source }) => source === 'queue');
    if (!record) throw new Error('The event was not recorded yet.');
    return record;
  });
  await cancel(id);
  await world.sendJson('PATCH', '/account', { paused: false });
  await sender.send(event);
  await eventually(async () => expect(await sender.counts()).toEqual({ waiting: 0, setAside: 0 }));
  await world.service.triggerDispatch();
  expect(world.charges()).toBe(0);
});

it('a direct invocation under the key of a cancelled request throws Cancelled', async () => {
  const { invoke } = createEventSender(world.service);
  world.simulator.control.addFault({ kind: 'code', code: 429 });
  const event = { ...AVATAR, idempotency_key: 'execution' };
  const queued = recordIn({ body: (await invoke('api', event)).payload });
  expect(queued.status).toBe('queued');
  await cancel(queued.id);
  expect(await invoke('api', event)).toMatchObject({ error: 'Cancelled' });
  expect(world.charges()).toBe(0);
});
