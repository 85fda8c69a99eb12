import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEventSender } from '../support/event-sender.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import {
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
afterAll(() => running.close());

/** Makes the gate's item that of a table which was restored from another one. */
const markAsRestored = () =>
  running.service.dynamoDb.send(
    new UpdateItemCommand({
      TableName: running.service.tableName,
      Key: { id: { S: 'gate' } },
      UpdateExpression: 'SET ledger = :origin',
      ConditionExpression: 'ledger = :own',
      ExpressionAttributeValues: { ':origin': { S: 'before' }, ':own': { S: running.service.tableName } },
    }),
  );

it('a service with a restored ledger follows what was paid, and submits what waits once a person resumes', async () => {
  const { service, simulator, call, post, sendJson, charges, paidCalls } = running;
  const events = createEventSender(service);
  const read = async (id: string) => recordIn(await call('GET', `/photo-avatars/${id}`));
  simulator.control.configure({ generation: { durationMs: 0 } });

  const { id: paid } = recordIn(await post());
  const { id: interrupted } = recordIn(await post(AVATAR, { prefer: 'respond-async' }));
  const { id: queued } = recordIn(
    await post(AVATAR, { prefer: 'respond-async', 'idempotency-key': 'before' }),
  );
  const then = new Date().toISOString();
  const attempt = { id: 'of a process that ended', startedAt: then, leaseUntil: then };
  await running.makeDue(interrupted, { status: 'submitting', open: 'submitting', attempts: 1, attempt });
  await running.makeDue(paid);
  await markAsRestored();
  expect(charges()).toBe(1);

  await service.triggerDispatch();
  expect((await read(paid)).status).toBe('succeeded');
  expect((await read(interrupted)).status).toBe('in_doubt');
  expect((await read(queued)).status).toBe('queued');
  const { body } = await call('GET', '/account');
  const paused_by = 'the service, because this ledger was restored from table before';
  expect(body).toMatchObject({ state: 'paused', paused_by });
  expectProblem(await post(), 'paused');
  await events.send({ ...AVATAR, idempotency_key: 'event' });
  await eventually(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }));
  await service.triggerDispatch();
  expect(paidCalls()).toHaveLength(1);

  expect((await sendJson('PATCH', '/account', { paused: false })).body).toMatchObject({ state: 'open' });
  await service.triggerDispatch();
  await service.triggerDispatch();
  expect((await read(queued)).attempts).toBe(1);
  expect(paidCalls()).toHaveLength(3);
  const repeated = await post(AVATAR, { 'idempotency-key': 'before' });
  expect([repeated.status, recordIn(repeated).id]).toEqual([200, queued]);
  expect(charges()).toBe(3);
});
