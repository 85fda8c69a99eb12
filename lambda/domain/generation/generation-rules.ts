import type { GenerationStatus } from '../ports.ts';
import { type AvatarImage, type AvatarRecord, instantOf } from '../record/record.ts';
import { type Change, changeStatus, postponed, toBePublished } from '../record/record-changes.ts';

/** From one poll of a generation to the next, in milliseconds. */
export const MIN_POLL_INTERVAL_MS = 10_000;

const MAX_POLL_INTERVAL_MS = 5 * 60_000;

/** A record that JoggAI is working on. */
export type GeneratingRecord = AvatarRecord & Required<Pick<AvatarRecord, 'photoId' | 'generatingSince'>>;

export const isGenerating = (record: AvatarRecord): record is GeneratingRecord =>
  record.status === 'generating' && record.photoId !== undefined && record.generatingSince !== undefined;

/** When to poll next: the longer a generation takes, the less often. */
export const nextPollInstant = (generatingSince: string, at: Change): string =>
  instantOf(nextPollAt(generatingSince, at));

const nextPollAt = (generatingSince: string, { now }: Change): number => {
  const interval = (now - Date.parse(generatingSince)) / 4;
  return now + Math.min(Math.max(interval, MIN_POLL_INTERVAL_MS), MAX_POLL_INTERVAL_MS);
};

export interface PollSettings {
  /** How long a generation is polled, in milliseconds. */
  readonly generationTimeoutMs: number;
}

/**
 * The record, claimed for one poll: no other process polls it until it is due again. The last poll is due when the
 * time limit is reached.
 */
export const pollClaimed = (
  record: GeneratingRecord,
  { generationTimeoutMs }: PollSettings,
  at: Change,
): GeneratingRecord => {
  const end = Date.parse(record.generatingSince) + generationTimeoutMs;
  const lastAt = Math.max(end, at.now + MIN_POLL_INTERVAL_MS);
  const dueAt = instantOf(Math.min(nextPollAt(record.generatingSince, at), lastAt));
  return postponed(record, at, { open: 'generating', dueAt });
};

/** The record after a poll; the same one if the generation continues. */
export const afterPoll = (
  record: GeneratingRecord,
  status: GenerationStatus,
  { generationTimeoutMs }: PollSettings,
  at: Change,
): AvatarRecord => {
  switch (status.kind) {
    case 'succeeded': {
      const images = [...status.images];
      const todo =
        images.length === 0 ? toBePublished(at) : ({ open: 'copying', dueAt: instantOf(at.now) } as const);
      return changeStatus(record, at, 'succeeded', { ...todo, images });
    }
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
    case 'running':
    case 'unavailable':
      return at.now - Date.parse(record.generatingSince) < generationTimeoutMs
        ? record
        : changeStatus(record, at, 'failed', {
            ...toBePublished(at),
            error: {
              code: 'generation_timeout',
              message: `${unfinished(status)} within ${Math.round(generationTimeoutMs / 60_000)} minutes. It was charged.`,
              advice: `Look for photo ${record.photoId} in the JoggAI dashboard.`,
            },
          });
    default:
      return status satisfies never;
  }
};

const unfinished = (status: Extract<GenerationStatus, { kind: 'running' | 'unavailable' }>): string =>
  status.kind === 'running'
    ? 'JoggAI did not finish'
    : `JoggAI did not report the state of the photo (last: ${status.cause})`;

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
export const published = (record: AvatarRecord, at: Change): AvatarRecord => {
  const { open: _open, dueAt: _dueAt, ...rest } = record;
  return postponed(rest, at, {});
};
