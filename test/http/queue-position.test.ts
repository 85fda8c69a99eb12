import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
afterAll(() => running.close());

it('a queued record says how many are ahead of it, and no other record and no list does', async () => {
  const { call, post, sendJson, makeDue } = running;
  const generating = recordIn(await post());
  await sendJson('PATCH', '/account', { paused: true });
  const ids: string[] = [];
  for (const minute of [0, 1, 2]) {
    const { id } = recordIn(await post(undefined, { prefer: 'respond-async' }));
    // Requests of the same millisecond would have the same place.
    await makeDue(id, { dueAt: new Date(Date.UTC(2026, 10, 26, 12, minute)).toISOString() });
    ids.push(id);
  }
  for (const [ahead, id] of ids.entries()) {
    expect((await call('GET', `/photo-avatars/${id}`)).body).toMatchObject({ position: { ahead } });
    expect((await call('GET', `/all-callers/photo-avatars/${id}`)).body).toMatchObject({
      position: { ahead },
    });
  }
  for (const path of ['/photo-avatars', `/photo-avatars/${generating.id}`])
    expect(JSON.stringify((await call('GET', path)).body)).not.toContain('"position"');

  // The first one is taken back.
  await call('POST', `/photo-avatars/${ids[0]}/cancellation`);
  expect((await call('GET', `/photo-avatars/${ids[2]}`)).body).toMatchObject({ position: { ahead: 1 } });
  expect((await call('GET', `/photo-avatars/${ids[0]}`)).body).not.toHaveProperty('position');
});
