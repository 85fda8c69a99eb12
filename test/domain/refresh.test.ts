import { describe, expect, it } from 'vitest';
import { createPollGeneration } from '../../lambda/domain/generation/completion.ts';
import { createRefresh } from '../../lambda/domain/generation/refresh.ts';
import type { GenerationStatus } from '../../lambda/domain/ports.ts';
import { createCompletionWorld, generating, MINUTE } from '../support/completion-world.ts';

const URL_1 = 'https://res.jogg.ai/1.png';
const SUCCEEDED: GenerationStatus = { kind: 'succeeded', images: [{ url: URL_1 }] };
const ID = 'avatar-1';

const createWorld = () => {
  const world = createCompletionWorld();
  const pollGeneration = createPollGeneration(world.ports);
  const refresh = createRefresh({ ...world.ports, ledger: world.ledger, pollGeneration });
  return {
    ...world,
    refresh: () => refresh(ID, { id: 'refresh', deadline: world.time.now + MINUTE }),
  };
};

/** A generation that JoggAI reported as running until the time limit. */
const givenTimedOut = async () => {
  const world = createWorld();
  world.joggai.answer = () => ({ kind: 'running' });
  await world.ledger.create(generating());
  await world.dispatchFor(61 * MINUTE, MINUTE);
  expect(await world.record()).toMatchObject({ status: 'failed', error: { code: 'generation_timeout' } });
  return world;
};

describe('a refresh of a generation that ended by timeout', () => {
  it('makes it succeeded, with copies of its images, if JoggAI has finished', async () => {
    const world = await givenTimedOut();
    world.joggai.answer = () => SUCCEEDED;
    expect(await world.refresh()).toMatchObject({ kind: 'refreshed', record: { status: 'succeeded' } });
    await world.dispatch();
    expect(await world.record()).toMatchObject({ status: 'succeeded', images: [{ url: URL_1 }] });
    expect((await world.record()).images?.[0]).toHaveProperty('copy');
  });

  it('polls it again if JoggAI still reports that it is running', async () => {
    const world = await givenTimedOut();
    expect(await world.refresh()).toMatchObject({ record: { status: 'generating', open: 'generating' } });
    world.joggai.answer = () => SUCCEEDED;
    await world.dispatchFor(5 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'succeeded' });
  });

  it('changes nothing if JoggAI does not answer, or there is no key', async () => {
    const world = await givenTimedOut();
    const before = await world.record();
    world.joggai.answer = () => ({ kind: 'unavailable', cause: 'HTTP 503' });
    expect(await world.refresh()).toEqual({ kind: 'unavailable', cause: 'HTTP 503' });
    world.key.isPresent = false;
    expect(await world.refresh()).toEqual({ kind: 'unavailable', cause: 'no API key' });
    expect(await world.record()).toEqual(before);
  });
});

it('a refresh of a running generation polls it at once', async () => {
  const world = createWorld();
  await world.ledger.create(generating());
  world.joggai.answer = () => SUCCEEDED;
  expect(await world.refresh()).toMatchObject({ kind: 'refreshed', record: { status: 'succeeded' } });
});

it('a refresh of a success copies the images that have no copy, from their present URLs', async () => {
  const world = createWorld();
  await world.ledger.create({
    ...generating(),
    status: 'succeeded',
    open: undefined,
    dueAt: undefined,
    images: [
      { url: URL_1, copy: { key: 'images/1.png', contentType: 'image/png', bytes: 1 } },
      { url: 'https://res.jogg.ai/expired.png', refused: 'HTTP 404' },
    ],
  });
  const present = 'https://res.jogg.ai/present.png';
  world.joggai.answer = () => ({ kind: 'succeeded', images: [{ url: URL_1 }, { url: present }] });
  await world.refresh();
  await world.dispatch();
  expect((await world.record()).images).toMatchObject([
    { copy: { key: 'images/1.png' } },
    { url: present, copy: {} },
  ]);
});

it('a request that JoggAI never accepted cannot be refreshed', async () => {
  const world = createWorld();
  const { photoId: _, ...record } = generating();
  await world.ledger.create({ ...record, status: 'in_doubt', open: undefined, dueAt: undefined });
  expect(await world.refresh()).toMatchObject({ kind: 'not_refreshable' });
  expect(world.joggai.polls).toEqual([]);
});
