import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { recordView } from '../../lambda/views/schemas.ts';
import { FULL_AVATAR } from '../support/requests.ts';
import {
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

let world: RunningService;
beforeAll(async () => {
  world = await startRunningService();
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const view = async (id: string) => recordView.parse((await world.call('GET', `/photo-avatars/${id}`)).body);
const erase = (id: string) => world.call('DELETE', `/photo-avatars/${id}`);
const resolve = async (id: string, action: string) =>
  world.sendJson('POST', `/photo-avatars/${id}/resolution`, {
    action,
    reason: 'settled',
    version: (await view(id)).version,
  });
/** The bucket's keys. */
const keys = async (): Promise<string[]> => {
  const { Contents = [] } = await world.service.s3.send(
    new ListObjectsV2Command({ Bucket: world.service.bucketName }),
  );
  return Contents.map(({ Key = '' }) => Key);
};
/** All that the table holds of a record, as DynamoDB stores it. */
const item = async (id: string): Promise<string> => {
  const { Item } = await world.service.dynamoDb.send(
    new GetItemCommand({ TableName: world.service.tableName, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  return JSON.stringify(Item);
};
const WORDS = [FULL_AVATAR.background, FULL_AVATAR.appearance, FULL_AVATAR.image_url].map(String);

/** A request that succeeded, with copies of its images, and whose end is published. */
const givenSuccess = async (key: string): Promise<string> => {
  world.simulator.control.configure({ generation: { durationMs: 0, outcome: { status: 'success' } } });
  const { id } = recordIn(await world.post(FULL_AVATAR, { 'idempotency-key': key }));
  await world.makeDue(id);
  await world.service.triggerDispatch();
  return id;
};

const givenInDoubt = async (): Promise<string> => {
  world.simulator.control.addFault({ kind: 'reset', when: 'after_charging', times: 1 });
  const { record } = z.object({ record: recordView }).parse((await world.post(FULL_AVATAR)).body);
  await world.service.triggerDispatch();
  return record.id;
};

describe('DELETE /photo-avatars/{id} of a request that succeeded', () => {
  it('removes its words from the table at once, and its images from the bucket by dispatch', async () => {
    const other = await givenSuccess('other');
    const id = await givenSuccess('mine');
    const { images = [], ...before } = await view(id);
    await world.service.s3.send(
      new PutObjectCommand({ Bucket: world.service.bucketName, Key: `images/${id}/lost.png`, Body: 'x' }),
    );
    expect(await erase(id)).toMatchObject({
      status: 202,
      body: { id, erasure: { by: expect.stringMatching(/^arn:/) } },
    });
    const erasing = await view(id);
    for (const gone of ['request', 'images']) expect(erasing).not.toHaveProperty(gone);
    const { status, charged, photo_id, idempotency_key, caller, attempts, history } = before;
    expect(erasing).toMatchObject({ status, charged, photo_id, idempotency_key, caller, attempts, history });
    const stored = await item(id);
    for (const { url } of images) expect(stored).not.toContain(url);
    expect(await keys()).toContain(`images/${id}/1.png`);

    await world.service.triggerDispatch();
    expect((await keys()).filter((key) => key.startsWith(`images/${id}/`))).toEqual([]);
    expect((await keys()).filter((key) => key.startsWith(`images/${other}/`))).toHaveLength(4);
    for (const { link = '' } of images) expect((await fetch(link)).status).toBe(404);
    expect((await view(other)).request).toEqual(FULL_AVATAR);
  });

  it('answers 202 until no late copy is possible, then 200', async () => {
    const id = await givenSuccess('late');
    await erase(id);
    await world.service.triggerDispatch();
    expect(await erase(id)).toMatchObject({ status: 202 });
    expect(await view(id)).not.toHaveProperty('erased_at');
    await world.makeDue(id, { erasure: { by: 'arn:ann', at: '2026-01-01T00:00:00.000Z' } });
    await world.service.triggerDispatch();
    expect(await erase(id)).toMatchObject({
      status: 200,
      body: { id, erased_at: expect.stringMatching(/^\d{4}-/) },
    });
  });

  it('leaves its key known: the same request replays the record and is not paid for again', async () => {
    const id = await givenSuccess('again');
    await erase(id);
    const charges = world.charges();
    const again = await world.post(FULL_AVATAR, { 'idempotency-key': 'again' });
    expect(again).toMatchObject({ status: 200, body: { id, charged: 'yes' } });
    const another = await world.post({ ...FULL_AVATAR, gender: 'Male' }, { 'idempotency-key': 'again' });
    expectProblem(another, 'idempotency-key-reused');
    expect(world.charges()).toBe(charges);
  });

  it('lets nothing fetch its images again', async () => {
    const id = await givenSuccess('refresh');
    await erase(id);
    const calls = world.simulator.control.state().calls.length;
    const refused = await world.call('POST', `/photo-avatars/${id}/refresh`);
    expect(expectProblem(refused, 'not-refreshable').detail).toContain('was erased');
    expect(world.simulator.control.state().calls).toHaveLength(calls);
  });
});

describe('DELETE /photo-avatars/{id} of a request in doubt', () => {
  it('leaves it to be closed, and not to be resubmitted', async () => {
    const id = await givenInDoubt();
    expect((await erase(id)).status).toBe(202);
    const early = expectProblem(await resolve(id, 'close'), 'not-resolvable');
    expect(early.detail).toContain('is being erased');
    await world.service.triggerDispatch();
    expect((await erase(id)).status).toBe(200);
    const refused = expectProblem(await resolve(id, 'resubmit'), 'not-resolvable');
    expect(refused.detail).toContain('can only be closed');
    expect(await resolve(id, 'close')).toMatchObject({ status: 200, body: { status: 'failed' } });
    await world.service.triggerDispatch();
    expect(await view(id)).toMatchObject({ status: 'failed', erased_at: expect.any(String) });
  });
});

describe('DELETE /photo-avatars/{id}', () => {
  it('answers 409 with the record of a request that has not ended, or whose end is not published', async () => {
    const queued = recordIn(await world.post(FULL_AVATAR, { prefer: 'respond-async' }));
    const problem = expectProblem(await erase(queued.id), 'not-erasable');
    expect(problem).toMatchObject({
      detail: expect.stringContaining('Cancel it first'),
      record: { id: queued.id },
    });
    await world.call('POST', `/photo-avatars/${queued.id}/cancellation`);
    expect(expectProblem(await erase(queued.id), 'not-erasable').detail).toContain('Try again in a minute');
    await world.service.triggerDispatch();
    expect((await erase(queued.id)).status).toBe(202);
    await world.service.triggerDispatch();
    expect((await erase(queued.id)).status).toBe(200);
  });

  it('answers 409 while JoggAI works on it', async () => {
    world.simulator.control.configure({ generation: { durationMs: 3_600_000 } });
    const { id } = recordIn(await world.post(FULL_AVATAR));
    expect(expectProblem(await erase(id), 'not-erasable').detail).toContain('is generating');
  });

  it('answers 404 for an unknown id', async () => {
    expectProblem(await erase('01a2048b-110a-768b-a563-139d399c370a'), 'not-found');
  });
});

it('no word of an erased request is left in its item, or was ever logged', async () => {
  for (const id of [await givenSuccess('words'), await givenInDoubt()]) {
    expect(await item(id)).toContain(WORDS[0]);
    await erase(id);
    for (const word of WORDS) {
      expect(await item(id)).not.toContain(word);
      expect(world.logs.join('\n')).not.toContain(word);
    }
  }
});
