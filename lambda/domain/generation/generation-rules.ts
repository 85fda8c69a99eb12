import type { GenerationStatus } from '../ports.ts';
import { type AvatarImage, type AvatarRecord, instantOf } from '../record/record.ts';
import {
  type Change,
  changeStatus,
  type NextStep,
  postponed,
  toBePublished,
  withoutWork,
} from '../record/record-changes.ts';

/** From one poll of a generation to the next, in milliseconds. */
export const MIN_POLL_INTERVAL_MS = 10_000;

const MAX_POLL_INTERVAL_MS = 5 * 60_000;

/** A record that JoggAI is working on. */
export type GeneratingRecord = AvatarRecord & Required<Pick<AvatarRecord, 'photoId' | 'generatingSince'>>;

export const isGenerating = (record: AvatarRecord): record is GeneratingRecord =>
  record.status === 'generating' && record.photoId !== undefined && record.generatingSince !== undefined;

/** An ended record of which JoggAI can be asked again: not an erased one, which would get its links back. */
export type RefreshableRecord = AvatarRecord & Required<Pick<AvatarRecord, 'photoId'>>;

export const isRefreshable = (record: AvatarRecord): record is RefreshableRecord =>
  (record.status === 'failed' || record.status === 'succeeded') &&
  record.photoId !== undefined &&
  record.erasure === undefined;

const intervalAt = (generatingSince: string, now: number): number =>
  Math.min(Math.max((now - Date.parse(generatingSince)) / 4, MIN_POLL_INTERVAL_MS), MAX_POLL_INTERVAL_MS);

/** When to poll next: the longer a generation takes, the less often. */
export const nextPollInstant = (generatingSince: string, { now }: Change): string =>
  instantOf(now + intervalAt(generatingSince, now));

/** A generation that starts to be polled. */
export const toBePolled = (at: Change): NextStep => {
  const generatingSince = instantOf(at.now);
  return { open: 'generating', generatingSince, dueAt: nextPollInstant(generatingSince, at) };
};

export interface PollSettings {
  /** How long a generation is polled, in milliseconds. */
  readonly generationTimeoutMs: number;
}

/** How long ago a generation reached its time limit, in milliseconds; 0 before it. */
export const overdueMs = (
  { generatingSince }: GeneratingRecord,
  { generationTimeoutMs }: PollSettings,
  now: number,
): number => Math.max(0, now - Date.parse(generatingSince) - generationTimeoutMs);

/** The record, due for a poll that is at most `intervalMs` away. One poll is due when the time limit is reached. */
const pollDueIn = (
  intervalMs: number,
  record: GeneratingRecord,
  { generationTimeoutMs }: PollSettings,
  at: Change,
): GeneratingRecord => {
  const end = Date.parse(record.generatingSince) + generationTimeoutMs;
  const next =
    at.now >= end
      ? at.now + MAX_POLL_INTERVAL_MS
      : Math.min(at.now + intervalMs, Math.max(end, at.now + MIN_POLL_INTERVAL_MS));
  return postponed(record, at, { open: 'generating', dueAt: instantOf(next) });
};

/** The record, claimed for one poll: no other process polls it until it is due again. */
export const pollClaimed = (record: GeneratingRecord, settings: PollSettings, at: Change): GeneratingRecord =>
  pollDueIn(intervalAt(record.generatingSince, at.now), record, settings, at);

const succeeded = (record: AvatarRecord, found: readonly AvatarImage[], at: Change): AvatarRecord => {
  const images = [...found];
  const todo =
    images.length === 0 ? toBePublished(at) : ({ open: 'copying', dueAt: instantOf(at.now) } as const);
  return changeStatus(record, at, 'succeeded', { ...todo, images });
};

/**
 * The record after JoggAI was asked about it again: a failed one may have succeeded or still be running, and images
 * without a copy get another try at JoggAI's present URLs. The same one if there is nothing new.
 */
export const afterRefresh = (
  record: RefreshableRecord,
  status: Exclude<GenerationStatus, { kind: 'unavailable' }>,
  at: Change,
): AvatarRecord => {
  if (record.status === 'failed') {
    if (status.kind === 'succeeded') return succeeded(record, status.images, at);
    return status.kind === 'failed' ? record : changeStatus(record, at, 'generating', toBePolled(at));
  }
  const known = record.images ?? [];
  if (status.kind !== 'succeeded' || record.open !== undefined) return record;
  const images = status.images.map(
    (image, index): AvatarImage => (known[index]?.copy ? known[index] : image),
  );
  if (images.every(({ copy }) => copy)) return record;
  return {
    ...postponed(record, at, { open: 'copying', dueAt: instantOf(at.now) }),
    images,
    copyRounds: 0,
  };
};

/** The record after a poll; the same one if the generation continues. */
export const afterPoll = (
  record: GeneratingRecord,
  status: GenerationStatus,
  settings: PollSettings,
  at: Change,
): AvatarRecord => {
  const { generationTimeoutMs } = settings;
  switch (status.kind) {
    case 'succeeded':
      return succeeded(record, status.images, at);
    case 'failed':
      return changeStatus(record, at, 'failed', {
        ...toBePublished(at),
        error: {
          code: 'generation_failed',
          message: 'JoggAI could not generate the photo. It was charged.',
          advice: 'JoggAI charges on acceptance. Change the request and send it under a new key.',
          // Kept apart from our message, because it may repeat the caller's text.
          joggai: { code: 0, message: status.message },
        },
      });
    case 'unavailable': {
      // The generation is paid for, and JoggAI did not say that it failed: only its own answer ends it. It is polled
      // half as often, because a poll that hangs takes the time of others.
      const intervalMs = Math.min(2 * intervalAt(record.generatingSince, at.now), MAX_POLL_INTERVAL_MS);
      return pollDueIn(intervalMs, record, settings, at);
    }
    case 'running':
      return at.now - Date.parse(record.generatingSince) < generationTimeoutMs
        ? record
        : changeStatus(record, at, 'failed', {
            ...toBePublished(at),
            error: {
              code: 'generation_timeout',
              message: `JoggAI did not finish within ${Math.round(generationTimeoutMs / 60_000)} minutes. It was charged.`,
              advice: `Refresh the record later, or look for photo ${record.photoId} in the JoggAI dashboard.`,
            },
          });
    default:
      return status satisfies never;
  }
};

/** Rounds of copying, an hour in all. After the last one the end is published without the missing copies. */
const MAX_COPY_ROUNDS = 8;

const FIRST_COPY_RETRY_MS = 30_000;

/** The record after a round of copying its images: to be published, or due for another round. */
export const afterCopying = (
  record: AvatarRecord,
  images: readonly AvatarImage[],
  at: Change,
): AvatarRecord => {
  const rounds = (record.copyRounds ?? 0) + 1;
  const isDone = images.every((image) => image.copy || image.refused);
  const retryMs = FIRST_COPY_RETRY_MS * 2 ** (rounds - 1);
  const todo =
    isDone || rounds >= MAX_COPY_ROUNDS
      ? toBePublished(at)
      : ({ open: 'copying', dueAt: instantOf(at.now + retryMs) } as const);
  return { ...postponed(record, at, todo), images: [...images], copyRounds: rounds };
};

/** The record after its end was published: no work is left. */
export const published = (record: AvatarRecord, at: Change): AvatarRecord => withoutWork(record, at);
