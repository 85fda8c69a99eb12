import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createEventSender } from '../support/event-sender.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { expectProblem, type RunningService, startRunningService } from '../support/running-service.ts';

const ANN = 'my.shop/ann & bob?';

let world: RunningService;
beforeAll(async () => {
  world = await startRunningService();
  const { putEvent, send } = createEventSender(world.service);
  for (const appearance of ['one', 'two']) await putEvent({ ...AVATAR, appearance }, { Source: ANN });
  await putEvent({ age: 'adult' }, { Source: ANN });
  await putEvent(AVATAR, { Source: 'my.shop/bob' });
  await send({ id: 'by hand', source: '', 'detail-type': 'Photo Avatar Requested', detail: AVATAR });
  await eventually(async () => expect(await world.records()).toHaveLength(5));
});
afterAll(() => world.close());

const page = z.object({
  items: z.array(z.object({ caller: z.string(), status: z.string() })),
  next_cursor: z.string().optional(),
});
const list = (query: Record<string, string>) =>
  world.call('GET', `/photo-avatars?${new URLSearchParams(query)}`);
/** All records of a list, read two at a time. */
const all = async (query: Record<string, string>) => {
  const items: z.infer<typeof page>['items'] = [];
  let cursor: string | undefined;
  do {
    const read = page.parse((await list({ ...query, limit: '2', ...(cursor && { cursor }) })).body);
    items.push(...read.items);
    cursor = read.next_cursor;
  } while (cursor);
  return items;
};

it('GET /photo-avatars?caller= returns the records of one caller, exactly as recorded, page by page', async () => {
  const items = await all({ caller: ANN });
  expect(items.map(({ caller }) => caller)).toEqual([ANN, ANN, ANN]);
  expect(await all({ caller: 'my.shop' })).toEqual([]);
});

it('GET /photo-avatars?caller=&status= returns those with one status', async () => {
  expect(await all({ caller: ANN, status: 'rejected' })).toMatchObject([{ caller: ANN, status: 'rejected' }]);
});

it('an event without a source is recorded, and found under "unknown"', async () => {
  expect(await all({ caller: 'unknown' })).toHaveLength(1);
});

it('GET /photo-avatars?caller= refuses an empty caller and one of more than 2,048 characters', async () => {
  for (const caller of ['', 'x'.repeat(2_049)]) expectProblem(await list({ caller }), 'invalid-parameter');
});

it('GET /photo-avatars?caller= has no records of a caller whose name does not fit the index', async () => {
  expect(await all({ caller: 'ü'.repeat(1_025) })).toEqual([]);
});
