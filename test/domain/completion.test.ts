import { describe, expect, it } from 'vitest';
import type { CompletionPorts } from '../../lambda/domain/generation/completion.ts';
import {
  copiedAs,
  createCompletionWorld,
  generating,
  IMAGES,
  MINUTE,
  SECOND,
  T0,
} from '../support/completion-world.ts';
import { CRASHES, crashingPorts } from '../support/crashing-ports.ts';

const ID = 'avatar-1';

/** A generation that succeeded at JoggAI, and is due to be polled. */
const givenGeneration = async () => {
  const world = createCompletionWorld();
  await world.ledger.create(generating(ID));
  world.time.now = T0 + 10 * SECOND;
  return world;
};

const COPIED = IMAGES.map((image, at) => ({
  ...image,
  copy: { key: `images/${ID}/${at + 1}.png`, contentType: 'image/png', bytes: 7 },
}));

describe('one dispatch', () => {
  it('polls a generation, copies its images and publishes the end, with no work left', async () => {
    const world = await givenGeneration();
    await world.dispatch();
    const record = await world.record();
    expect(record).toMatchObject({ status: 'succeeded', images: COPIED });
    expect(record).not.toHaveProperty('open');
    expect(world.bus.published).toMatchObject([{ id: ID, status: 'succeeded', images: COPIED }]);
    expect(world.reported.ended).toHaveLength(1);
  });

  it('has no effect when repeated', async () => {
    const world = await givenGeneration();
    await world.dispatch();
    const record = await world.record();
    await world.dispatchFor(10 * MINUTE, MINUTE);
    expect(await world.record()).toEqual(record);
    expect(world.bus.published).toHaveLength(1);
    expect(world.joggai.polls).toHaveLength(1);
  });

  it('starts no step in the last 30 s of the invocation', async () => {
    const world = await givenGeneration();
    await world.dispatch({}, 30 * SECOND);
    expect(world.joggai.polls).toEqual([]);
    expect(await world.record()).toMatchObject({ status: 'generating' });
  });

  it('advances any number of records', async () => {
    const world = createCompletionWorld();
    const ids = Array.from({ length: 120 }, (_, index) => `avatar-${index}`);
    for (const id of ids) await world.ledger.create(generating(id));
    world.time.now = T0 + 10 * SECOND;
    await world.dispatch();
    expect(new Set(world.bus.published.map(({ id }) => id))).toEqual(new Set(ids));
    expect(world.joggai.polls).toHaveLength(120);
  });

  it('that runs beside another one reports each end once, and may publish it twice', async () => {
    const world = await givenGeneration();
    await Promise.all([world.dispatch(), world.dispatch()]);
    expect(world.reported.ended).toHaveLength(1);
    expect(world.joggai.polls).toHaveLength(1);
    expect(new Set(world.bus.published.map(({ version }) => version)).size).toBe(1);
    expect(await world.record()).not.toHaveProperty('open');
  });
});

describe('a process that ends between two steps', () => {
  const crashAt = async (index: number, crash: (typeof CRASHES)[number]) => {
    const world = await givenGeneration();
    const crashed = crashingPorts(index, crash);
    const run = world.dispatch(crashed.changeCompletion(world.ports));
    // A dispatch may fail with an error. The next one continues.
    await Promise.race([run.catch(() => {}), crashed.crashed]);
    return { ...world, calls: crashed.calls };
  };

  it.each(CRASHES)('loses nothing if any of its calls %s', async (crash) => {
    const { calls } = await crashAt(Number.POSITIVE_INFINITY, crash);
    // One read of each state; claim, key, poll and end; a check, two copies and their record; event and its record.
    expect(calls()).toBe(14);
    for (let index = 0; index < calls(); index += 1) {
      const world = await crashAt(index, crash);
      await world.dispatchFor(30 * MINUTE, MINUTE);
      const record = await world.record();
      expect(record, `call ${index}`).toMatchObject({ status: 'succeeded', images: COPIED });
      expect(record, `call ${index}`).not.toHaveProperty('open');
      const { published } = world.bus;
      expect(published.length, `call ${index}`).toBeGreaterThanOrEqual(1);
      // Receivers that compare id and version see one event.
      expect(new Set(published.map(({ id, version }) => `${id}@${version}`)).size, `call ${index}`).toBe(1);
      for (const event of published) expect(event).toEqual(published[0]);
      expect(record.history.map(({ status }) => status)).toEqual(['submitting', 'generating', 'succeeded']);
    }
  });

  it('publishes again if it ended before it recorded the event', async () => {
    const world = await givenGeneration();
    const { replace } = world.ledger;
    const endingLedger: CompletionPorts['ledger'] = {
      ...world.ledger,
      replace: (next) => (next.open === undefined ? new Promise(() => {}) : replace(next)),
    };
    const { promise: accepted, resolve } = Promise.withResolvers<void>();
    void world.dispatch({
      ledger: endingLedger,
      publisher: {
        async recordEnded(record) {
          await world.ports.publisher.recordEnded(record);
          resolve();
        },
      },
    });
    await accepted;
    await world.dispatch();
    expect(world.bus.published).toHaveLength(2);
    expect(world.bus.published[0]).toEqual(world.bus.published[1]);
  });
});

describe('an image', () => {
  const givenImageStore = async (
    answer: (url: string, attempt: number) => 'copied' | 'failed' | 'refused',
  ) => {
    const world = await givenGeneration();
    const attempts = new Map<string, number>();
    world.imageStore.answer = (url, name) => {
      const attempt = (attempts.get(url) ?? 0) + 1;
      attempts.set(url, attempt);
      const kind = answer(url, attempt);
      return kind === 'copied' ? copiedAs(name) : { kind, reason: kind };
    };
    return world;
  };
  const attemptsFor = (world: Awaited<ReturnType<typeof givenImageStore>>, ending: string) =>
    world.imageStore.attempts.filter(({ url }) => url.endsWith(ending)).map(({ atMs }) => atMs);

  it('that cannot be copied now is retried without the others', async () => {
    const world = await givenImageStore((url, attempt) =>
      url.includes('two') && attempt < 3 ? 'failed' : 'copied',
    );
    await world.dispatchFor(10 * MINUTE, 15 * SECOND);
    expect(await world.record()).toMatchObject({ images: COPIED });
    expect(attemptsFor(world, 'one.png')).toHaveLength(1);
    expect(attemptsFor(world, 'two.png')).toHaveLength(3);
    expect(world.reported.notCopied).toEqual(['failed', 'failed']);
    expect(world.bus.published).toHaveLength(1);
  });

  it('that is permanently refused is tried once, and keeps its URL and the reason', async () => {
    const world = await givenImageStore((url) => (url.includes('two') ? 'refused' : 'copied'));
    await world.dispatchFor(10 * MINUTE, MINUTE);
    expect((await world.record()).images).toEqual([COPIED[0], { ...IMAGES[1], refused: 'refused' }]);
    expect(attemptsFor(world, 'two.png')).toHaveLength(1);
    expect(world.reported.notCopied).toEqual(['refused, final']);
    expect(world.bus.published).toHaveLength(1);
  });

  it('that cannot be copied for an hour keeps its URL, and the end is published', async () => {
    const world = await givenImageStore(() => 'failed');
    await world.dispatchFor(12 * 60 * MINUTE, MINUTE);
    const attempts = attemptsFor(world, 'one.png');
    expect(attempts).toHaveLength(8);
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
    const record = await world.record();
    expect(record).toMatchObject({ status: 'succeeded', images: IMAGES });
    expect(record).not.toHaveProperty('open');
    expect(world.bus.published).toMatchObject([{ images: IMAGES }]);
  });

  it('is not started near the end of the invocation, and the round so far is recorded', async () => {
    const world = await givenGeneration();
    world.imageStore.answer = (_, name) => {
      world.time.now += 20 * SECOND;
      return copiedAs(name);
    };
    await world.dispatch({}, 40 * SECOND);
    expect(world.imageStore.attempts).toHaveLength(1);
    expect(await world.record()).toMatchObject({
      open: 'copying',
      copyRounds: 1,
      images: [COPIED[0], IMAGES[1]],
    });
    await world.dispatchFor(2 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ images: COPIED });
  });
});

describe('an event', () => {
  it('that is not accepted is published later, and does not delay others', async () => {
    const world = createCompletionWorld();
    // More records than one page, all before the last one.
    const broken = Array.from({ length: 60 }, (_, index) => `broken-${index}`);
    for (const id of [...broken, 'last']) await world.ledger.create(generating(id));
    world.joggai.answer = () => ({ kind: 'failed', message: '' });
    world.bus.isDown = ({ id }) => id.startsWith('broken');
    world.time.now = T0 + 10 * SECOND;
    await world.dispatch();
    expect(world.bus.published.map(({ id }) => id)).toEqual(['last']);
    expect(world.reported.stuck.toSorted()).toEqual(broken.toSorted());

    world.bus.isDown = () => false;
    await world.dispatch();
    expect(world.bus.published).toHaveLength(61);
    expect(await world.record('broken-0')).not.toHaveProperty('open');
  });
});
