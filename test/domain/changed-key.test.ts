import { expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { createDrainWorld, names } from '../support/drain-world.ts';
import { createWorld, keyedCommand } from '../support/submission-world.ts';

const REFUSED: Outcome = { kind: 'refused', reason: 'invalid_key', code: 10105, message: '' };
const KEY_1 = { kind: 'present', value: 'key-1' } as const;
const KEY_2 = { kind: 'present', value: 'key-2' } as const;

it('a warm process tries a changed key at once while the account is blocked for the key that it has cached', async () => {
  const world = createWorld();
  world.joggai.answer = (key) => (key === 'key-2' ? { kind: 'accepted', photoId: 'photo-1' } : REFUSED);
  const submit = (key: string) => world.process().submit(keyedCommand(key), world.invocation());
  expect(await submit('order-1')).toMatchObject({ record: { status: 'rejected' } });
  expect(await submit('order-2')).toMatchObject({ kind: 'rejected_by_gate' });

  world.secret.stored = KEY_2;
  expect(await submit('order-3')).toMatchObject({ kind: 'submitted', record: { status: 'generating' } });
  expect(world.joggai.calls.map(({ apiKey }) => apiKey)).toEqual(['key-1', 'key-2']);
  // The block ended, and both calls hold a slot.
  expect(await world.slotsInUse()).toBe(2);
  expect((await world.gate().snapshot('key-1')).rejection).toBeUndefined();
});

it('the slot of a changed key is released if its request is known', async () => {
  const world = createWorld();
  world.joggai.answer = () => REFUSED;
  const submit = () => world.process().submit(keyedCommand('order-1'), world.invocation());
  await world.process().enqueue(keyedCommand('order-1'), world.invocation());
  await world.process().submit(keyedCommand('order-2'), world.invocation());
  world.secret.stored = KEY_2;
  expect(await submit()).toMatchObject({ kind: 'replayed' });
  expect(await world.slotsInUse()).toBe(1);
});

it('a drain tries a changed key at once while the account is blocked for the key that it has cached', async () => {
  const { time, enqueue, drain, joggai, key } = createDrainWorld();
  await enqueue(...names(3));
  joggai.answer = () => REFUSED;
  await time.finish(drain());
  expect(joggai.calls).toHaveLength(1);

  joggai.answer = () => ({ kind: 'accepted', photoId: 'photo' });
  let cached = KEY_1 as typeof KEY_1 | typeof KEY_2;
  key.state = KEY_2;
  const apiKeys = {
    current: async () => cached,
    async refreshed() {
      cached = KEY_2;
      return KEY_2;
    },
  };
  expect(await time.finish(drain(undefined, { apiKeys }))).toEqual({ calls: 3, end: { kind: 'empty' } });
});
