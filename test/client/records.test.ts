import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RecordView } from '../../client/index.ts';
import {
  clientOf,
  createVirtualTiming,
  failureOf,
  iamAuthorizer,
  startScripted,
} from '../support/client-world.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({ authorize: iamAuthorizer() });
});
beforeEach(() => running.reset());
afterAll(() => running.close());

it('a request is followed from the queue to its copies, which are then downloaded', async () => {
  const { simulator, service, makeDue } = running;
  simulator.control.configure({ generation: { durationMs: 0 } });
  const timing = createVirtualTiming();
  const client = clientOf(service.url, 'shop', { timing });
  const { record } = await client.submit(AVATAR, { respondAsync: true });
  expect(record.status).toBe('queued');
  const seen: RecordView['status'][] = [];
  timing.duringWaits(async () => {
    if (seen.at(-1) === 'generating') await makeDue(record.id);
    await service.triggerDispatch();
  });
  const ended = await client.waitFor(record.id, {
    copies: true,
    onChange: ({ status }) => seen.push(status),
  });
  expect([...new Set(seen)]).toEqual(['queued', 'generating', 'succeeded']);
  const [image] = ended.images ?? [];
  if (!image) throw new Error('The record has no image.');
  const { bytes, contentType } = await client.download(image);
  expect([bytes.length, contentType]).toEqual([image.copy?.bytes, image.copy?.content_type]);

  // Without a link, as in a list, and with one that has expired.
  const refusing = await startScripted({ status: 403, body: '<Error/>' });
  for (const link of [undefined, `${refusing.url}/old`]) {
    expect((await client.download({ ...image, link })).bytes).toEqual(bytes);
  }
  expect(refusing.received[0]?.headers).not.toHaveProperty('authorization');
  await refusing.close();
  expect((await failureOf(client.download({ url: image.url }))).message).toContain('has no copy yet');
});

it('the list reads page by page what is consumed, and no more', async () => {
  const client = clientOf(running.service.url, 'desk');
  const submitted: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    submitted.unshift((await client.submit(AVATAR, { respondAsync: true })).record.id);
  }
  let requests = 0;
  const counting = clientOf(running.service.url, 'desk', {
    fetch: (...request) => {
      requests += 1;
      return fetch(...request);
    },
  });
  const listed: string[] = [];
  const { caller } = await client.get(submitted[0] ?? '');
  for await (const { id } of counting.list({ status: 'queued', caller, pageSize: 2 })) listed.push(id);
  expect(listed).toEqual(submitted);
  expect(requests).toBe(3);
  for await (const { id } of counting.list({ pageSize: 2 })) {
    expect(id).toBe(submitted[0]);
    break;
  }
  expect(requests).toBe(4);
  const page = await client.listPage({ caller, pageSize: 3 });
  const rest = await client.listPage({ caller, pageSize: 3, cursor: page.nextCursor });
  expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(submitted);
  expect(rest.nextCursor).toBeUndefined();
});

it('a dry run, a refresh and field errors say what the API says', async () => {
  const client = clientOf(running.service.url, 'shop');
  expect(await client.dryRun(AVATAR)).toMatchObject({
    dry_run: true,
    api_key: 'present',
    account: { state: 'open' },
  });
  const { record } = await client.submit(AVATAR, { respondAsync: true });
  expect(await failureOf(client.refresh(record.id))).toMatchObject({
    type: 'not-refreshable',
    charged: 'no',
  });
  const error = await failureOf(client.submit({ ...AVATAR, age: 'adult' } as never));
  expect(error).toMatchObject({ type: 'invalid-request', status: 422, charged: 'no' });
  expect(error.fieldErrors.map(({ field }) => field)).toEqual(['age']);
  expect(error.message).toContain('age must be one of "Teenager"');
  expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(running.charges()).toBe(0);
});
