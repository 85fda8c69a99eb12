import { describe, expect, it } from 'vitest';
import {
  announced,
  copied,
  followed,
  type Look,
  lookedAt,
  nextLook,
} from '../../lambda/domain/generation.ts';
import { type AvatarRecord, instantOf } from '../../lambda/domain/record.ts';
import {
  createCompletionWorld,
  GENERATION_TIMEOUT_MS,
  generating,
  MINUTE,
  PICTURES,
  RUNNING,
  SECOND,
  SUCCEEDED,
  T0,
} from '../support/completion-world.ts';

const SETTINGS = { generationTimeoutMs: GENERATION_TIMEOUT_MS };
const after = (milliseconds: number) => ({ now: T0 + milliseconds, by: 'dispatch' });
const follow = (look: Look, milliseconds = MINUTE) =>
  followed(generating(), look, SETTINGS, after(milliseconds));
const unavailable = { kind: 'unavailable', cause: 'ECONNRESET' } as const;

/** When dispatch looks at a generation that goes on, run every five seconds, in milliseconds after its beginning. */
const looksOf = async (look: Look) => {
  const world = createCompletionWorld();
  world.joggai.answer = () => look;
  await world.ledger.create(generating());
  await world.dispatchFor(70 * MINUTE, 5 * SECOND);
  return { ...world, looks: world.joggai.looks };
};
const gapsOf = (times: readonly number[]) => times.slice(1).map((time, at) => time - (times[at] ?? 0));

describe('the next look', () => {
  it.each([
    ['10 s after the acceptance', 0, 10 * SECOND],
    ['10 s after one within the first 40 s', 40 * SECOND, 10 * SECOND],
    ['later, the longer it takes already', 4 * MINUTE, MINUTE],
    ['5 minutes after one at the end', 59 * MINUTE, 5 * MINUTE],
  ])('is %s', (_, sinceMs, expectedMs) => {
    expect(nextLook(instantOf(T0), after(sinceMs))).toBe(instantOf(T0 + sinceMs + expectedMs));
  });

  it('is not later than the end of the time for which it is followed', () => {
    expect(lookedAt(generating(), SETTINGS, after(58 * MINUTE)).dueAt).toBe(instantOf(T0 + 60 * MINUTE));
  });

  it('is 10 s away even when that time is nearly over, or is', () => {
    for (const now of [GENERATION_TIMEOUT_MS - 1, GENERATION_TIMEOUT_MS, 2 * GENERATION_TIMEOUT_MS]) {
      expect(lookedAt(generating(), SETTINGS, after(now)).dueAt).toBe(instantOf(T0 + now + 10 * SECOND));
    }
  });
});

describe('a generation that goes on', () => {
  it('is looked at every 10 s at most, less and less often, and every 5 minutes at least', async () => {
    const { looks } = await looksOf(RUNNING);
    const gaps = gapsOf(looks);
    expect(looks[0]).toBe(10 * SECOND);
    expect(Math.min(...gaps)).toBe(10 * SECOND);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * MINUTE + 5 * SECOND);
    // The last look comes when the time is over, and before its turn.
    const turns = gaps.slice(0, -1);
    expect(turns).toEqual(turns.toSorted((one, other) => one - other));
    expect(looks.length).toBeLessThan(40);
  });

  it('has failed after 60 minutes, paid for, with its photo named, and is not looked at again', async () => {
    const { looks, record, told } = await looksOf(RUNNING);
    expect(looks.at(-1)).toBe(60 * MINUTE);
    const ended = await record();
    expect(ended).toMatchObject({
      status: 'failed',
      charged: 'yes',
      photoId: 'photo of avatar-1',
      error: { code: 'generation_timeout', message: 'JoggAI did not finish within 60 minutes.' },
    });
    expect(ended.error?.advice).toContain('photo of avatar-1');
    expect(told.ended).toHaveLength(1);
  });

  it('is not over a moment before its time', () => {
    expect(follow(RUNNING, GENERATION_TIMEOUT_MS - 1).status).toBe('generating');
    expect(follow(RUNNING, GENERATION_TIMEOUT_MS).status).toBe('failed');
  });

  it('is asked about once, however many come at the same moment', async () => {
    const world = createCompletionWorld();
    world.joggai.answer = () => RUNNING;
    const record = generating();
    await world.ledger.create(record);
    world.time.now = T0 + 10 * SECOND;
    const callers = Array.from({ length: 20 }, () => world.follow(record));
    const seen = await Promise.all([...callers, world.dispatch()]);
    expect(world.joggai.looks).toHaveLength(1);
    expect(new Set(seen.slice(0, 20).map((each) => each?.version))).toEqual(new Set([record.version + 1]));
  });
});

describe('a generation without an answer', () => {
  it('is followed on until there is one', async () => {
    const world = createCompletionWorld();
    world.joggai.answer = () => unavailable;
    await world.ledger.create(generating());
    await world.dispatchFor(30 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'generating', open: 'generating' });
    world.joggai.answer = () => SUCCEEDED;
    await world.dispatchFor(6 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'succeeded', images: PICTURES });
  });

  it('has failed after 60 minutes, and says why nobody knows more', async () => {
    const { record } = await looksOf({ kind: 'unavailable', cause: 'code 10104' });
    expect((await record()).error).toMatchObject({
      code: 'generation_timeout',
      message: 'JoggAI did not say what became of the photo (last: code 10104) within 60 minutes.',
    });
  });

  it('waits while there is no API key, and nobody is asked', async () => {
    const world = createCompletionWorld();
    world.key.isPresent = false;
    await world.ledger.create(generating());
    await world.dispatchFor(5 * MINUTE, MINUTE);
    expect(world.joggai.looks).toEqual([]);
    expect(await world.record()).toMatchObject({ status: 'generating' });
    world.key.isPresent = true;
    await world.dispatchFor(3 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'succeeded' });
  });

  it('is no reason to lose the one that came before the end was recorded', async () => {
    const world = createCompletionWorld();
    const record = generating();
    await world.ledger.create(record);
    world.time.now = T0 + 10 * SECOND;
    const end = await world.follow(record);
    expect(await world.follow(record)).toEqual(end);
    expect(end.status).toBe('succeeded');
  });
});

describe('a generation that succeeded', () => {
  it('keeps the addresses and keys of its pictures, which are then copied', () => {
    expect(follow(SUCCEEDED)).toMatchObject({
      status: 'succeeded',
      charged: 'yes',
      images: PICTURES,
      open: 'copying',
      dueAt: instantOf(T0 + MINUTE),
      history: [{ status: 'submitting' }, { status: 'generating' }, { status: 'succeeded', by: 'dispatch' }],
    });
  });

  it('without pictures has nothing to copy, and is announced', () => {
    expect(follow({ kind: 'succeeded', images: [] })).toMatchObject({
      status: 'succeeded',
      images: [],
      open: 'announcing',
    });
  });

  it('counts as such even when it is late', () => {
    expect(follow(SUCCEEDED, 2 * GENERATION_TIMEOUT_MS).status).toBe('succeeded');
  });
});

it('a generation that failed is paid for, and keeps JoggAI’s words apart from ours', () => {
  const ended = follow({ kind: 'failed', message: 'face not found' });
  expect(ended).toMatchObject({
    status: 'failed',
    charged: 'yes',
    open: 'announcing',
    error: { code: 'generation_failed', joggai: { message: 'face not found' } },
  });
  expect(ended.error?.message).not.toContain('face not found');
});

describe('a round of copying', () => {
  const succeeded = follow(SUCCEEDED);
  const copy = { key: 'images/avatar-1/1.png', contentType: 'image/png', bytes: 7 };
  const [one = { url: '' }, two = { url: '' }] = PICTURES;
  const round = (record: AvatarRecord, images = [{ ...one, copy }, two]) =>
    copied(record, images, after(MINUTE));

  it('that left nothing to do leads to the announcement', () => {
    const images = [
      { ...one, copy },
      { ...two, refused: 'not a picture' },
    ];
    expect(round(succeeded, images)).toMatchObject({ open: 'announcing', images, copyRounds: 1 });
  });

  it('that did not get every picture is repeated after 30 s, then after twice the time each time, for an hour', () => {
    let record = succeeded;
    const waits: number[] = [];
    while (record.open === 'copying' && waits.length < 100) {
      record = round(record);
      waits.push((Date.parse(record.dueAt ?? '') - T0 - MINUTE) / 1_000);
    }
    // The last one is no wait: it is announced now.
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1_920, 0]);
    expect(record).toMatchObject({ open: 'announcing', images: [{ ...one, copy }, two] });
  });

  it('is no change of the status', () => {
    expect(round(succeeded)).toMatchObject({ status: 'succeeded', history: succeeded.history });
    expect(round(succeeded).version).toBe(succeeded.version + 1);
  });
});

it('an announced record has nothing left to be done', () => {
  const record = announced(follow({ kind: 'failed', message: '' }), after(2 * MINUTE));
  expect(record).not.toHaveProperty('open');
  expect(record).not.toHaveProperty('dueAt');
  expect(record).toMatchObject({ status: 'failed', version: generating().version + 2 });
});
