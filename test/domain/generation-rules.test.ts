import { describe, expect, it } from 'vitest';
import {
  afterCopying,
  afterPoll,
  nextPollInstant,
  pollClaimed,
  published,
} from '../../lambda/domain/generation/generation-rules.ts';
import type { GenerationStatus } from '../../lambda/domain/ports.ts';
import { type AvatarRecord, instantOf } from '../../lambda/domain/record/record.ts';
import {
  createCompletionWorld,
  GENERATION_TIMEOUT_MS,
  generating,
  IMAGES,
  MINUTE,
  RUNNING,
  SECOND,
  SUCCEEDED,
  T0,
} from '../support/completion-world.ts';

const SETTINGS = { generationTimeoutMs: GENERATION_TIMEOUT_MS };
const after = (milliseconds: number) => ({ now: T0 + milliseconds, by: 'dispatch' });
const polled = (status: GenerationStatus, milliseconds = MINUTE) =>
  afterPoll(generating(), status, SETTINGS, after(milliseconds));
const unavailable = { kind: 'unavailable', cause: 'ECONNRESET' } as const;

/** Polls of a generation with this status by a dispatch every five seconds, in milliseconds after its start. */
const pollsOf = async (status: GenerationStatus) => {
  const world = createCompletionWorld();
  world.joggai.answer = () => status;
  await world.ledger.create(generating());
  await world.dispatchFor(70 * MINUTE, 5 * SECOND);
  return { ...world, polls: world.joggai.polls };
};
const gapsOf = (times: readonly number[]) => times.slice(1).map((time, at) => time - (times[at] ?? 0));

describe('the next poll', () => {
  it.each([
    ['10 s after the acceptance', 0, 10 * SECOND],
    ['10 s after a poll in the first 40 s', 40 * SECOND, 10 * SECOND],
    ['later, the longer the generation takes', 4 * MINUTE, MINUTE],
    ['5 minutes after a poll near the end', 59 * MINUTE, 5 * MINUTE],
  ])('is %s', (_, sinceMs, expectedMs) => {
    expect(nextPollInstant(instantOf(T0), after(sinceMs))).toBe(instantOf(T0 + sinceMs + expectedMs));
  });

  it('is not later than the time limit of the generation', () => {
    expect(pollClaimed(generating(), SETTINGS, after(58 * MINUTE)).dueAt).toBe(instantOf(T0 + 60 * MINUTE));
  });

  it('is at least 10 s away, also just before the time limit', () => {
    const now = GENERATION_TIMEOUT_MS - 1;
    expect(pollClaimed(generating(), SETTINGS, after(now)).dueAt).toBe(instantOf(T0 + now + 10 * SECOND));
  });

  it('is 5 minutes away from the time limit on', () => {
    for (const now of [GENERATION_TIMEOUT_MS, 2 * GENERATION_TIMEOUT_MS]) {
      expect(pollClaimed(generating(), SETTINGS, after(now)).dueAt).toBe(instantOf(T0 + now + 5 * MINUTE));
    }
  });
});

describe('a running generation', () => {
  it('is polled at increasing intervals, from 10 s to 5 minutes', async () => {
    const { polls } = await pollsOf(RUNNING);
    const gaps = gapsOf(polls);
    expect(polls[0]).toBe(10 * SECOND);
    expect(Math.min(...gaps)).toBe(10 * SECOND);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * MINUTE + 5 * SECOND);
    // The last poll is at the time limit, before the next interval ends.
    const intervals = gaps.slice(0, -1);
    expect(intervals).toEqual(intervals.toSorted((a, b) => a - b));
    expect(polls.length).toBeLessThan(40);
  });

  it('fails after 60 minutes as charged, names its photo, and is not polled again', async () => {
    const { polls, record, reported } = await pollsOf(RUNNING);
    expect(polls.at(-1)).toBe(60 * MINUTE);
    const ended = await record();
    expect(ended).toMatchObject({
      status: 'failed',
      charged: 'yes',
      photoId: 'photo of avatar-1',
      error: {
        code: 'generation_timeout',
        message: 'JoggAI did not finish within 60 minutes. It was charged.',
      },
    });
    expect(ended.error?.advice).toContain('photo of avatar-1');
    expect(reported.ended).toHaveLength(1);
  });

  it('does not fail before the time limit', () => {
    expect(polled(RUNNING, GENERATION_TIMEOUT_MS - 1).status).toBe('generating');
    expect(polled(RUNNING, GENERATION_TIMEOUT_MS).status).toBe('failed');
  });

  it('is polled once by concurrent callers', async () => {
    const world = createCompletionWorld();
    world.joggai.answer = () => RUNNING;
    const record = generating();
    await world.ledger.create(record);
    world.time.now = T0 + 10 * SECOND;
    const callers = Array.from({ length: 20 }, () => world.poll(record));
    const results = await Promise.all([...callers, world.dispatch()]);
    expect(world.joggai.polls).toHaveLength(1);
    expect(new Set(results.slice(0, 20).map((each) => each?.version))).toEqual(new Set([record.version + 1]));
  });
});

describe('a generation whose status is unavailable', () => {
  it('is polled until JoggAI answers', async () => {
    const world = createCompletionWorld();
    world.joggai.answer = () => unavailable;
    await world.ledger.create(generating());
    await world.dispatchFor(30 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'generating', open: 'generating' });
    world.joggai.answer = () => SUCCEEDED;
    await world.dispatchFor(6 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'succeeded', images: IMAGES });
  });

  it('does not end by a timeout, however long JoggAI does not report its state', async () => {
    const world = createCompletionWorld();
    world.joggai.answer = () => unavailable;
    await world.ledger.create(generating());
    await world.dispatchFor(24 * 60 * MINUTE, 30 * MINUTE);
    expect(await world.record()).toMatchObject({ status: 'generating', open: 'generating' });
    world.joggai.answer = () => SUCCEEDED;
    await world.dispatchFor(30 * MINUTE, 30 * MINUTE);
    expect(await world.record()).toMatchObject({ status: 'succeeded' });
  });

  it('is polled half as often as one that JoggAI reports as running', async () => {
    const answered = await pollsOf(RUNNING);
    const unanswered = await pollsOf(unavailable);
    const inFiveMinutes = (polls: readonly number[]) => polls.filter((at) => at <= 5 * MINUTE).length;
    expect(gapsOf(unanswered.polls)[0]).toBe(20 * SECOND);
    expect(inFiveMinutes(unanswered.polls)).toBeLessThanOrEqual(0.6 * inFiveMinutes(answered.polls));
  });

  it('is polled when its time limit is reached, and every 5 minutes after it', async () => {
    const { polls } = await pollsOf(unavailable);
    expect(polls.filter((at) => at > 59 * MINUTE)).toEqual([60 * MINUTE, 65 * MINUTE, 70 * MINUTE]);
  });

  it('is not polled while there is no API key', async () => {
    const world = createCompletionWorld();
    world.key.isPresent = false;
    await world.ledger.create(generating());
    await world.dispatchFor(5 * MINUTE, MINUTE);
    expect(world.joggai.polls).toEqual([]);
    expect(await world.record()).toMatchObject({ status: 'generating' });
    world.key.isPresent = true;
    await world.dispatchFor(3 * MINUTE, MINUTE);
    expect(await world.record()).toMatchObject({ status: 'succeeded' });
  });

  it('keeps its end when an earlier version is polled again', async () => {
    const world = createCompletionWorld();
    const record = generating();
    await world.ledger.create(record);
    world.time.now = T0 + 10 * SECOND;
    const end = await world.poll(record);
    expect(await world.poll(record)).toEqual(end);
    expect(end.status).toBe('succeeded');
  });
});

describe('a generation that succeeded', () => {
  it('keeps the URLs and keys of its images, which are copied next', () => {
    expect(polled(SUCCEEDED)).toMatchObject({
      status: 'succeeded',
      charged: 'yes',
      images: IMAGES,
      open: 'copying',
      dueAt: instantOf(T0 + MINUTE),
      history: [{ status: 'submitting' }, { status: 'generating' }, { status: 'succeeded', by: 'dispatch' }],
    });
  });

  it('without images has nothing to copy, and is published', () => {
    expect(polled({ kind: 'succeeded', images: [] })).toMatchObject({
      status: 'succeeded',
      images: [],
      open: 'announcing',
    });
  });

  it('is recorded as succeeded even after the time limit', () => {
    expect(polled(SUCCEEDED, 2 * GENERATION_TIMEOUT_MS).status).toBe('succeeded');
  });
});

it('a failed generation is charged, and keeps JoggAI’s message apart from the service’s', () => {
  const ended = polled({ kind: 'failed', message: 'face not found' });
  expect(ended).toMatchObject({
    status: 'failed',
    charged: 'yes',
    open: 'announcing',
    error: { code: 'generation_failed', joggai: { message: 'face not found' } },
  });
  expect(ended.error?.message).not.toContain('face not found');
});

describe('a round of copying', () => {
  const succeeded = polled(SUCCEEDED);
  const copy = { key: 'images/avatar-1/1.png', contentType: 'image/png', bytes: 7 };
  const [one = { url: '' }, two = { url: '' }] = IMAGES;
  const round = (record: AvatarRecord, images = [{ ...one, copy }, two]) =>
    afterCopying(record, images, after(MINUTE));

  it('that leaves nothing to copy is followed by publishing', () => {
    const images = [
      { ...one, copy },
      { ...two, refused: 'not an image' },
    ];
    expect(round(succeeded, images)).toMatchObject({ open: 'announcing', images, copyRounds: 1 });
  });

  it('with missing copies is repeated after 30 s, then with doubled intervals, for an hour', () => {
    let record = succeeded;
    const waits: number[] = [];
    while (record.open === 'copying' && waits.length < 100) {
      record = round(record);
      waits.push((Date.parse(record.dueAt ?? '') - T0 - MINUTE) / 1_000);
    }
    // After the last round there is no wait: the end is published.
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1_920, 0]);
    expect(record).toMatchObject({ open: 'announcing', images: [{ ...one, copy }, two] });
  });

  it('does not change the status', () => {
    expect(round(succeeded)).toMatchObject({ status: 'succeeded', history: succeeded.history });
    expect(round(succeeded).version).toBe(succeeded.version + 1);
  });
});

it('a published record has no work left', () => {
  const record = published(polled({ kind: 'failed', message: '' }), after(2 * MINUTE));
  expect(record).not.toHaveProperty('open');
  expect(record).not.toHaveProperty('dueAt');
  expect(record).toMatchObject({ status: 'failed', version: generating().version + 2 });
});
