import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
beforeEach(() => running.reset());
afterAll(() => running.close());

let keys = 0;
const aKey = () => {
  keys += 1;
  return `order-${keys}`;
};
const post = (key: string, value: unknown = AVATAR) => running.post(value, { 'idempotency-key': key });

describe('the same Idempotency-Key', () => {
  it('with the same request returns 200 with the same record, and JoggAI charges once', async () => {
    const key = aKey();
    const first = await post(key);
    const second = await post(key);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(running.charges()).toBe(1);
  });

  it('in quotes, as in the IETF draft, is the same key', async () => {
    const key = aKey();
    await post(key);
    expect((await post(`"${key}"`)).status).toBe(200);
    expect(running.charges()).toBe(1);
  });

  it('with a different field order and white space is the same request', async () => {
    const key = aKey();
    await post(key, { ...AVATAR, background: 'sea' });
    const again = JSON.stringify({
      background: ' sea ',
      ...Object.fromEntries(Object.entries(AVATAR).reverse()),
    });
    expect((await post(key, ` ${again}\n`)).status).toBe(200);
  });

  it('with another request returns 409 with the id of the record, and changes nothing', async () => {
    const key = aKey();
    const { id } = recordIn(await post(key));
    const { detail } = expectProblem(
      await post(key, { ...AVATAR, age: 'Elderly' }),
      'idempotency-key-reused',
    );
    expect(detail).toContain(id);
    expect(running.charges()).toBe(1);
  });

  it('in concurrent requests is charged once', async () => {
    const key = aKey();
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(key)));
    expect(running.charges()).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(new Set(answers.map((answer) => recordIn(answer).id)).size).toBe(1);
  });

  it('of a rejected request submits the request again', async () => {
    const key = aKey();
    running.simulator.control.addFault({ kind: 'code', code: 40000 });
    const rejected = expectProblem(await post(key), 'rejected-by-joggai').record;
    const answer = await post(key);
    expect(answer.status).toBe(201);
    expect(recordIn(answer)).toMatchObject({ id: rejected?.id, status: 'generating', attempts: 2 });
  });

  it.each([
    ['failed', 'joggai-error', { kind: 'code', code: 50000 }],
    ['in_doubt', 'in-doubt', { kind: 'reset', when: 'after_charging' }],
  ] as const)(
    'of a request that is %s replays the record without a call to JoggAI',
    async (status, name, fault) => {
      const key = aKey();
      running.simulator.control.addFault(fault);
      expectProblem(await post(key), name);
      for (let again = 0; again < 3; again += 1) {
        const answer = await post(key);
        expect(answer.status).toBe(200);
        expect(recordIn(answer)).toMatchObject({ status, charged: 'unknown' });
      }
      expect(running.paidCalls()).toHaveLength(1);
    },
  );

  it('with and without respond-async identifies one request', async () => {
    const key = aKey();
    const queued = await running.post(AVATAR, { 'idempotency-key': key, prefer: 'respond-async' });
    expect(queued.status).toBe(202);
    const again = await post(key);
    expect(again.status).toBe(200);
    expect(recordIn(again)).toMatchObject({ id: recordIn(queued).id, status: 'queued' });
    expect(running.charges()).toBe(0);
  });

  it.each(['x', 'x'.repeat(255), '!#$%&()*+-./:;<=>?@[]^_`{|}~'])('may be %s', async (key) => {
    expect((await post(key)).status).toBe(201);
    expect((await post(key)).status).toBe(200);
  });
});

describe('requests without an Idempotency-Key', () => {
  it('are separate requests', async () => {
    const ids = [recordIn(await running.post()).id, recordIn(await running.post()).id];
    expect(new Set(ids).size).toBe(2);
    expect(running.charges()).toBe(2);
  });
});

describe('the list of photo avatars', () => {
  let service: RunningService;
  const ids: string[] = [];
  beforeAll(async () => {
    service = await startRunningService();
    for (let count = 0; count < 5; count += 1) {
      const headers: Record<string, string> = count % 2 === 0 ? { prefer: 'respond-async' } : {};
      ids.unshift(recordIn(await service.post(AVATAR, headers)).id);
    }
  });
  afterAll(() => service.close());

  const page = async (query: string) => {
    const { status, body } = await service.call('GET', `/photo-avatars${query}`);
    expect(status).toBe(200);
    const { items, next_cursor }: { items: { id: string }[]; next_cursor?: string } = Object(body);
    return { ids: items.map(({ id }) => id), next: next_cursor };
  };

  it('starts with the newest', async () => {
    expect(await page('')).toEqual({ ids, next: undefined });
  });

  it('can be filtered by status', async () => {
    expect((await page('?status=queued')).ids).toEqual([ids[0], ids[2], ids[4]]);
    expect((await page('?status=generating')).ids).toEqual([ids[1], ids[3]]);
    expect((await page('?status=succeeded')).ids).toEqual([]);
  });

  it('is returned in pages, and the cursors reach every record', async () => {
    const found: string[] = [];
    let query = '?limit=2';
    for (let pages = 1; ; pages += 1) {
      const { ids: pageIds, next } = await page(query);
      found.push(...pageIds);
      if (next === undefined) {
        expect(pages).toBe(3);
        break;
      }
      query = `?limit=2&cursor=${next}`;
    }
    expect(found).toEqual(ids);
  });
});
