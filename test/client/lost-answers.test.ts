import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isProblem } from '../../client/index.ts';
import {
  clientOf,
  createVirtualTiming,
  failureOf,
  iamAuthorizer,
  startLosingNetwork,
} from '../support/client-world.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
let network: Awaited<ReturnType<typeof startLosingNetwork>>;
beforeAll(async () => {
  running = await startRunningService({ authorize: iamAuthorizer() });
  network = await startLosingNetwork(running.service.url);
});
beforeEach(() => running.reset());
afterAll(async () => {
  await network.close();
  await running.close();
});
const client = () => clientOf(network.url, 'shop', { timing: createVirtualTiming() });

it.each([1, 2, 4])('a request is charged once, although %i answers were lost', async (losses) => {
  network.received.length = 0;
  network.lose(losses);
  const { record: submitted, replayed, idempotencyKey } = await client().submit(AVATAR);
  expect([submitted.status, submitted.charged, submitted.attempts, replayed]).toEqual([
    'generating',
    'yes',
    1,
    true,
  ]);
  expect(network.received.map(({ key }) => key)).toEqual(Array(losses + 1).fill(idempotencyKey));
  expect(running.charges()).toBe(1);
});

it('a request whose answers were all lost is found again with the key on the error', async () => {
  network.lose(5);
  const error = await failureOf(client().submit(AVATAR));
  expect(error.charged).toBe('unknown');
  const again = await client().submit(AVATAR, { idempotencyKey: error.idempotencyKey });
  expect(again).toMatchObject({ replayed: true, record: { status: 'generating', attempts: 1 } });
  expect(running.charges()).toBe(1);
});

it('reading, cancelling, pausing and erasing are repeated without harm', async () => {
  const { record: queued } = await client().submit(AVATAR, { respondAsync: true });
  const repeated = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    network.lose(2);
    return call();
  };
  expect((await repeated(() => client().get(queued.id))).status).toBe('queued');
  expect((await repeated(() => client().pause())).state).toBe('paused');
  expect((await repeated(() => client().resume())).state).toBe('open');
  expect((await repeated(() => client().cancel(queued.id))).status).toBe('cancelled');
  await running.service.triggerDispatch();
  const erased = await repeated(() => client().erase(queued.id));
  expect(erased.request).toBeUndefined();
  expect(running.charges()).toBe(0);
});

it('nothing is sent twice to JoggAI, whatever the problem', async () => {
  running.simulator.control.configure({ credits: 0 });
  const error = await failureOf(client().submit(AVATAR));
  expect(error).toMatchObject({
    type: 'insufficient-credit',
    charged: 'no',
    record: { status: 'rejected' },
  });
  expect(running.paidCalls()).toHaveLength(1);
});

describe('a decision whose answer was lost', () => {
  const givenInDoubt = async () => {
    running.simulator.control.addFault({ kind: 'reset', when: 'after_charging', times: 1 });
    const { record } = await failureOf(client().submit(AVATAR));
    if (!record) throw new Error('The error has no record.');
    expect(record).toMatchObject({ status: 'in_doubt', charged: 'unknown' });
    return record;
  };

  it.each([
    ['close', 'failed', 1],
    ['resubmit', 'queued', 1],
  ] as const)('counts once, and is recognized as the own one: %s', async (action, status, charges) => {
    const { id, version } = await givenInDoubt();
    network.lose(1);
    const resolved = await client().resolve(id, { action, version, reason: ' seen in the dashboard ' });
    expect(resolved).toMatchObject({ id, status });
    expect(resolved.history.filter(({ note }) => note?.startsWith(action))).toHaveLength(1);
    expect(running.charges()).toBe(charges);
  });

  it.each([
    ['another action', { action: 'resubmit', reason: 'seen' }],
    ['another reason', { action: 'close', reason: 'seen twice' }],
  ] as const)('is refused, if what counted has %s', async (_, { action, reason }) => {
    const { id, version } = await givenInDoubt();
    await clientOf(running.service.url, 'desk').resolve(id, { action, version, reason });
    const decision = { action: 'close', version, reason: 'seen' } as const;
    network.lose(1);
    expect(isProblem(await failureOf(client().resolve(id, decision)), 'not-resolvable')).toBe(true);
  });

  it('is refused if its answer was not lost: then somebody else was first', async () => {
    const { id, version } = await givenInDoubt();
    const decision = { action: 'close', version, reason: 'seen' } as const;
    await clientOf(running.service.url, 'desk').resolve(id, decision);
    const error = await failureOf(client().resolve(id, decision));
    expect(isProblem(error, 'not-resolvable')).toBe(true);
    expect(error.charged).toBe('no');
  });
});
