import { describe, expect, it } from 'vitest';
import { READ_TIMEOUT_MS } from '../../lambda/adapters/joggai/free-api.ts';
import { type CompletionPorts, createCompletion } from '../../lambda/domain/generation/completion.ts';
import { changeStatus, toBePublished } from '../../lambda/domain/record/record-changes.ts';
import { createVirtualTime } from '../../model/virtual-time.ts';
import {
  copiedAs,
  createCompletionWorld,
  generating,
  MINUTE,
  RUNNING,
  SECOND,
  SUCCEEDED,
  T0,
} from '../support/completion-world.ts';

const SILENT = { kind: 'unavailable', cause: 'no answer in time' } as const;

/** JoggAI's generations on a virtual clock, and dispatches that Lambda stops after two minutes. */
const createShares = () => {
  const time = createVirtualTime(T0);
  const world = createCompletionWorld();
  const endsAt = new Map<string, number>();
  const publishedAt = new Map<string, number>();
  const joggai = {
    /** Whether JoggAI does not answer polls of this generation. */
    isSilent: (_id: string) => false,
    answered: [] as { readonly id: string; readonly at: number }[],
    hanging: 0,
    maxHanging: 0,
  };
  const images = { copying: 0, maxCopying: 0 };

  const ports: CompletionPorts = {
    ...world.ports,
    clock: time.clock,
    freeApi: {
      async generationStatus(photoId) {
        const id = photoId.replace('photo of ', '');
        if (joggai.isSilent(id)) {
          joggai.hanging += 1;
          joggai.maxHanging = Math.max(joggai.maxHanging, joggai.hanging);
          await time.wait(READ_TIMEOUT_MS);
          joggai.hanging -= 1;
          return SILENT;
        }
        await time.wait(200);
        joggai.answered.push({ id, at: time.clock() });
        return time.clock() < (endsAt.get(id) ?? 0) ? RUNNING : SUCCEEDED;
      },
    },
    images: {
      async copy(_url, name) {
        images.copying += 1;
        images.maxCopying = Math.max(images.maxCopying, images.copying);
        await time.wait(2 * SECOND);
        images.copying -= 1;
        return copiedAs(name);
      },
      async deleteAll() {},
    },
    publisher: {
      async recordEnded({ id }) {
        await time.wait(50);
        publishedAt.set(id, time.clock());
      },
    },
  };
  return {
    time,
    joggai,
    images,
    publishedAt,
    ledger: world.ledger,
    /** Starts a generation that JoggAI finishes after so many milliseconds. */
    async start(id: string, since: number, durationMs: number): Promise<void> {
      endsAt.set(id, since + durationMs);
      await world.ledger.create(generating(id, since));
    },
    dispatch: (change: Partial<CompletionPorts> = {}): Promise<void> => {
      const deadline = time.clock() + 2 * MINUTE;
      const run = createCompletion({ ...ports, ...change })({ id: `dispatch at ${time.clock()}`, deadline });
      return Promise.race([run, time.wait(2 * MINUTE)]);
    },
    /** From JoggAI's end of a generation to its event, in milliseconds. Infinite if there is none. */
    delays: (isIncluded: (id: string, endedAt: number) => boolean): number[] =>
      [...endsAt]
        .filter(([id, endedAt]) => isIncluded(id, endedAt))
        .map(([id, endedAt]) => (publishedAt.get(id) ?? Number.POSITIVE_INFINITY) - endedAt),
  };
};

type Shares = ReturnType<typeof createShares>;

/** 100 generations under way and 20 new ones a minute; each takes between one and four minutes. */
const runMinutes = async ({ time, start, dispatch }: Shares, minutes: number): Promise<void> => {
  const durationMs = (index: number) => (60 + ((37 * index) % 180)) * SECOND;
  const run = async () => {
    for (let index = 0; index < 100; index += 1) {
      await start(`early-${index}`, T0 - index * SECOND, durationMs(index));
    }
    for (let minute = 0; minute < minutes; minute += 1) {
      for (let index = 0; index < 20; index += 1) {
        await start(`${minute}-${index}`, time.clock(), durationMs(20 * minute + index));
      }
      void dispatch();
      await time.wait(MINUTE);
    }
  };
  await time.finish(run());
};

/** The same share of the generations of each minute. */
const isAmong = (share: number) => (id: string) => (37 * Number(id.split('-')[1])) % 100 < 100 * share;

describe('with 100 generations under way and 20 new ones a minute', () => {
  it.each([0, 0.1, 0.5, 0.9, 0.95])(
    'each one that JoggAI answers is announced within 5 minutes of its end, while polls of a share of %d hang',
    async (share) => {
      const world = createShares();
      const isSilent = isAmong(share);
      world.joggai.isSilent = isSilent;
      await runMinutes(world, 60);
      const delays = world.delays((id, endedAt) => !isSilent(id) && endedAt < T0 + 54 * MINUTE);
      expect(delays.length).toBeGreaterThanOrEqual(0.9 * (1 - share) * 1_000);
      expect(Math.max(...delays)).toBeLessThan(5 * MINUTE);
    },
  );

  it('all that ended in half an hour without any answer are announced soon after it', async () => {
    const world = createShares();
    const end = T0 + 30 * MINUTE;
    world.joggai.isSilent = () => world.time.clock() < end;
    await runMinutes(world, 40);
    const published = [...world.publishedAt].filter(
      ([id]) => Number(id.split('-')[0]) < 25 || id.startsWith('early'),
    );
    expect(published).toHaveLength(600);
    // The polls are at most 5 minutes apart, and dispatch runs every minute.
    expect(Math.max(...published.map(([, at]) => at - end))).toBeLessThan(7 * MINUTE);
  });
});

describe('one dispatch', () => {
  const dispatchOnce = async (world: Shares, change: Partial<CompletionPorts> = {}) => {
    const { time } = world;
    await time.finish(time.wait(MINUTE));
    await time.finish(world.dispatch(change));
  };

  it('does not let a poll that hangs keep others waiting', async () => {
    const world = createShares();
    world.joggai.isSilent = isAmong(0.1);
    for (let index = 0; index < 100; index += 1) await world.start(`one-${index}`, T0, 0);
    await dispatchOnce(world);
    expect(world.joggai.answered).toHaveLength(90);
    expect(Math.max(...world.joggai.answered.map(({ at }) => at))).toBeLessThan(
      T0 + MINUTE + READ_TIMEOUT_MS,
    );
  });

  it('has at most 30 polls and 10 copies under way at the same time', async () => {
    const world = createShares();
    world.joggai.isSilent = isAmong(0.5);
    for (let index = 0; index < 100; index += 1) await world.start(`one-${index}`, T0, 0);
    await dispatchOnce(world);
    expect(world.joggai.maxHanging).toBe(30);
    expect(world.images.maxCopying).toBe(10);
    expect(world.publishedAt.size).toBe(50);
  });

  it('completes a generation although the index does not show its next steps yet', async () => {
    const world = createShares();
    const record = generating('one', T0);
    await world.start('one', T0, 0);
    await dispatchOnce(world, {
      ledger: { ...world.ledger, due: async (state) => (state === 'generating' ? [record] : []) },
    });
    expect([...world.publishedAt.keys()]).toEqual(['one']);
  });

  it('publishes at once what an earlier one ended, while all polls hang', async () => {
    const world = createShares();
    await world.start('ended', T0, 0);
    await world.ledger.replace(
      changeStatus(
        generating('ended', T0),
        { now: T0, by: 'earlier' },
        'failed',
        toBePublished({ now: T0, by: '' }),
      ),
    );
    world.joggai.isSilent = () => true;
    for (let index = 0; index < 400; index += 1) await world.start(`one-${index}`, T0, 0);
    await dispatchOnce(world);
    expect([...world.publishedAt]).toEqual([['ended', T0 + MINUTE + 50]]);
  });

  it('leaves a record to the one that ended its generation, while the index still shows it as it was', async () => {
    const world = createShares();
    await world.start('one', T0, 0);
    const before = await world.ledger.get('one');
    await dispatchOnce(world, {
      images: { copy: async () => ({ kind: 'failed', reason: 'HTTP 503' }), deleteAll: async () => {} },
    });
    expect(await world.ledger.get('one')).toMatchObject({ open: 'copying', copyRounds: 1 });
    await dispatchOnce(world, {
      ledger: { ...world.ledger, due: async (state) => (before && state === 'generating' ? [before] : []) },
    });
    expect(await world.ledger.get('one')).toMatchObject({ open: 'copying', copyRounds: 1 });
  });

  it('continues the other steps if the records of one cannot be read, and fails', async () => {
    const world = createShares();
    await world.start('one', T0, 0);
    const { due } = world.ledger;
    const dispatched = dispatchOnce(world, {
      ledger: {
        ...world.ledger,
        due: async (state, query) => {
          if (state === 'announcing') throw new Error('The index cannot be read.');
          return due(state, query);
        },
      },
    });
    await expect(dispatched).rejects.toThrow('The index cannot be read.');
    expect([...world.publishedAt.keys()]).toEqual(['one']);
  });
});
