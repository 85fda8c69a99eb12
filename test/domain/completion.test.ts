import { describe, expect, it } from 'vitest';
import type { CompletionPorts } from '../../lambda/domain/completion.ts';
import {
  createCompletionWorld,
  generating,
  keptAs,
  MINUTE,
  PICTURES,
  SECOND,
  T0,
} from '../support/completion-world.ts';
import { CRASHES, crashingPorts } from '../support/crashing-ports.ts';

const ID = 'avatar-1';

/** A generation that has succeeded at JoggAI, and that dispatch may look at. */
const givenGeneration = async () => {
  const world = createCompletionWorld();
  await world.ledger.create(generating(ID));
  world.time.now = T0 + 10 * SECOND;
  return world;
};

const COPIED = PICTURES.map((picture, at) => ({
  ...picture,
  copy: { key: `images/${ID}/${at + 1}.png`, contentType: 'image/png', bytes: 7 },
}));

describe('one dispatch', () => {
  it('follows a generation, copies its pictures and announces it, with nothing left to do', async () => {
    const world = await givenGeneration();
    await world.dispatch();
    const record = await world.record();
    expect(record).toMatchObject({ status: 'succeeded', images: COPIED });
    expect(record).not.toHaveProperty('open');
    expect(world.bus.announced).toMatchObject([{ id: ID, status: 'succeeded', images: COPIED }]);
    expect(world.told.ended).toHaveLength(1);
  });

  it('does nothing more the next time', async () => {
    const world = await givenGeneration();
    await world.dispatch();
    const record = await world.record();
    await world.dispatchFor(10 * MINUTE, MINUTE);
    expect(await world.record()).toEqual(record);
    expect(world.bus.announced).toHaveLength(1);
    expect(world.joggai.looks).toHaveLength(1);
  });

  it('begins nothing in the last 30 s of its time', async () => {
    const world = await givenGeneration();
    await world.dispatch({}, 30 * SECOND);
    expect(world.joggai.looks).toEqual([]);
    expect(await world.record()).toMatchObject({ status: 'generating' });
  });

  it('moves any number of records on', async () => {
    const world = createCompletionWorld();
    const ids = Array.from({ length: 120 }, (_, index) => `avatar-${index}`);
    for (const id of ids) await world.ledger.create(generating(id));
    world.time.now = T0 + 10 * SECOND;
    await world.dispatch();
    expect(new Set(world.bus.announced.map(({ id }) => id))).toEqual(new Set(ids));
    expect(world.joggai.looks).toHaveLength(120);
  });

  it('beside another one tells of each end once, and repeats at most the announcement', async () => {
    const world = await givenGeneration();
    await Promise.all([world.dispatch(), world.dispatch()]);
    expect(world.told.ended).toHaveLength(1);
    expect(world.joggai.looks).toHaveLength(1);
    expect(new Set(world.bus.announced.map(({ version }) => version)).size).toBe(1);
    expect(await world.record()).not.toHaveProperty('open');
  });
});

/** The ports of a process that ends at one of its awaited calls. */
const crashing = (
  ports: CompletionPorts,
  { through }: ReturnType<typeof crashingPorts>,
): CompletionPorts => ({
  ...ports,
  ledger: {
    replace: (record) => through(() => ports.ledger.replace(record)),
    due: (...query) => through(() => ports.ledger.due(...query)),
  },
  freeApi: { photo: (...look) => through(() => ports.freeApi.photo(...look)) },
  apiKeys: { current: () => through(() => ports.apiKeys.current()) },
  images: { keep: (...image) => through(() => ports.images.keep(...image)) },
  announcer: { recordEnded: (record) => through(() => ports.announcer.recordEnded(record)) },
});

describe('a process that ends between two steps', () => {
  const crashAt = async (index: number, crash: (typeof CRASHES)[number]) => {
    const world = await givenGeneration();
    const crashed = crashingPorts(index, crash);
    const run = world.dispatch(crashing(world.ports, crashed));
    // A dispatch that breaks off says so by its error; the next one goes on all the same.
    await Promise.race([run.catch(() => {}), crashed.crashed]);
    return { ...world, calls: crashed.calls };
  };

  it.each(CRASHES)('loses nothing, whichever call %s', async (crash) => {
    const { calls } = await crashAt(Number.POSITIVE_INFINITY, crash);
    // Key, look and end; two copies and their record; announcement and its record; each state read until it is empty.
    expect(calls()).toBe(15);
    for (let index = 0; index < calls(); index += 1) {
      const world = await crashAt(index, crash);
      await world.dispatchFor(30 * MINUTE, MINUTE);
      const record = await world.record();
      expect(record, `call ${index}`).toMatchObject({ status: 'succeeded', images: COPIED });
      expect(record, `call ${index}`).not.toHaveProperty('open');
      const { announced } = world.bus;
      expect(announced.length, `call ${index}`).toBeGreaterThanOrEqual(1);
      // Whoever compares id and version sees one event.
      expect(new Set(announced.map(({ id, version }) => `${id}@${version}`)).size, `call ${index}`).toBe(1);
      for (const each of announced) expect(each).toEqual(announced[0]);
      expect(record.history.map(({ status }) => status)).toEqual(['submitting', 'generating', 'succeeded']);
    }
  });

  it('announces twice when it had not noted that it did', async () => {
    const world = await givenGeneration();
    const { replace } = world.ledger;
    const dies: CompletionPorts['ledger'] = {
      ...world.ledger,
      replace: (next) => (next.open === undefined ? new Promise(() => {}) : replace(next)),
    };
    const { promise: taken, resolve } = Promise.withResolvers<void>();
    void world.dispatch({
      ledger: dies,
      announcer: {
        async recordEnded(record) {
          await world.ports.announcer.recordEnded(record);
          resolve();
        },
      },
    });
    await taken;
    await world.dispatch();
    expect(world.bus.announced).toHaveLength(2);
    expect(world.bus.announced[0]).toEqual(world.bus.announced[1]);
  });
});

describe('a picture', () => {
  const givenKeeper = async (answer: (url: string, attempt: number) => 'kept' | 'failed' | 'refused') => {
    const world = await givenGeneration();
    const attempts = new Map<string, number>();
    world.keeper.answer = (url, name) => {
      const attempt = (attempts.get(url) ?? 0) + 1;
      attempts.set(url, attempt);
      const kind = answer(url, attempt);
      return kind === 'kept' ? keptAs(name) : { kind, reason: kind };
    };
    return world;
  };
  const triesOf = (world: Awaited<ReturnType<typeof givenKeeper>>, ending: string) =>
    world.keeper.tries.filter(({ url }) => url.endsWith(ending)).map(({ atMs }) => atMs);

  it('that cannot be copied now is tried again, alone', async () => {
    const world = await givenKeeper((url, attempt) =>
      url.includes('two') && attempt < 3 ? 'failed' : 'kept',
    );
    await world.dispatchFor(10 * MINUTE, 15 * SECOND);
    expect(await world.record()).toMatchObject({ images: COPIED });
    expect(triesOf(world, 'one.png')).toHaveLength(1);
    expect(triesOf(world, 'two.png')).toHaveLength(3);
    expect(world.told.notCopied).toEqual(['failed', 'failed']);
    expect(world.bus.announced).toHaveLength(1);
  });

  it('that is never to be had is tried once, and keeps its address and the reason', async () => {
    const world = await givenKeeper((url) => (url.includes('two') ? 'refused' : 'kept'));
    await world.dispatchFor(10 * MINUTE, MINUTE);
    expect((await world.record()).images).toEqual([COPIED[0], { ...PICTURES[1], refused: 'refused' }]);
    expect(triesOf(world, 'two.png')).toHaveLength(1);
    expect(world.told.notCopied).toEqual(['refused, for good']);
    expect(world.bus.announced).toHaveLength(1);
  });

  it('that cannot be copied for an hour is given up, keeps its address, and its end is announced', async () => {
    const world = await givenKeeper(() => 'failed');
    await world.dispatchFor(12 * 60 * MINUTE, MINUTE);
    const tries = triesOf(world, 'one.png');
    expect(tries).toHaveLength(8);
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(gaps).toEqual(gaps.toSorted((one, other) => one - other));
    const record = await world.record();
    expect(record).toMatchObject({ status: 'succeeded', images: PICTURES });
    expect(record).not.toHaveProperty('open');
    expect(world.bus.announced).toMatchObject([{ images: PICTURES }]);
  });

  it('is not begun when the time is nearly over, and the round before it is recorded', async () => {
    const world = await givenGeneration();
    world.keeper.answer = (_, name) => {
      world.time.now += 20 * SECOND;
      return keptAs(name);
    };
    await world.dispatch({}, 40 * SECOND);
    expect(world.keeper.tries).toHaveLength(1);
    expect(await world.record()).toMatchObject({
      open: 'copying',
      copyRounds: 1,
      images: [COPIED[0], PICTURES[1]],
    });
    await world.dispatchFor(2 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ images: COPIED });
  });
});

describe('an announcement', () => {
  it('that nobody took is made later, and others are made meanwhile', async () => {
    const world = createCompletionWorld();
    // More than are read at a time, all in front of the last.
    const broken = Array.from({ length: 60 }, (_, index) => `broken-${index}`);
    for (const id of [...broken, 'last']) await world.ledger.create(generating(id));
    world.joggai.answer = () => ({ kind: 'failed', message: '' });
    world.bus.isDown = ({ id }) => id.startsWith('broken');
    world.time.now = T0 + 10 * SECOND;
    await world.dispatch();
    expect(world.bus.announced.map(({ id }) => id)).toEqual(['last']);
    expect(world.told.stuck.toSorted()).toEqual(broken.toSorted());

    world.bus.isDown = () => false;
    await world.dispatch();
    expect(world.bus.announced).toHaveLength(61);
    expect(await world.record('broken-0')).not.toHaveProperty('open');
  });
});
