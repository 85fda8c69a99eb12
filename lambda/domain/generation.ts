import { type AvatarImage, type AvatarRecord, instantOf } from './record.ts';
import { type Change, moved, postponed, toBeAnnounced } from './transition.ts';

/** What JoggAI says of a generation. */
export type Look =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded'; readonly images: readonly Pick<AvatarImage, 'url' | 'key'>[] }
  | { readonly kind: 'failed'; readonly message: string }
  /** No answer, or none about this generation. */
  | { readonly kind: 'unavailable'; readonly cause: string };

/** Never more often than this, in milliseconds. */
export const SHORTEST_LOOK_INTERVAL_MS = 10_000;

const LONGEST_LOOK_INTERVAL_MS = 5 * 60_000;

/** A record that JoggAI works on. */
export type GeneratingRecord = AvatarRecord & Required<Pick<AvatarRecord, 'photoId' | 'generatingSince'>>;

export const isGenerating = (record: AvatarRecord): record is GeneratingRecord =>
  record.status === 'generating' && record.photoId !== undefined && record.generatingSince !== undefined;

/** When to look next: the longer it takes, the less often. */
export const nextLook = (generatingSince: string, at: Change): string =>
  instantOf(nextLookAt(generatingSince, at));

const nextLookAt = (generatingSince: string, { now }: Change): number => {
  const interval = (now - Date.parse(generatingSince)) / 4;
  return now + Math.min(Math.max(interval, SHORTEST_LOOK_INTERVAL_MS), LONGEST_LOOK_INTERVAL_MS);
};

export interface FollowSettings {
  /** How long a generation is followed, in milliseconds. */
  readonly generationTimeoutMs: number;
}

/**
 * The record for whoever looks at its generation now: as long as it is not due again, nobody else looks. A last look is
 * due when its time is over.
 */
export const lookedAt = (
  record: GeneratingRecord,
  { generationTimeoutMs }: FollowSettings,
  at: Change,
): GeneratingRecord => {
  const end = Date.parse(record.generatingSince) + generationTimeoutMs;
  const last = Math.max(end, at.now + SHORTEST_LOOK_INTERVAL_MS);
  const dueAt = instantOf(Math.min(nextLookAt(record.generatingSince, at), last));
  return postponed(record, at, { open: 'generating', dueAt });
};

/** The record after a look at its generation; the same one if that goes on. */
export const followed = (
  record: GeneratingRecord,
  look: Look,
  { generationTimeoutMs }: FollowSettings,
  at: Change,
): AvatarRecord => {
  switch (look.kind) {
    case 'succeeded': {
      const images = [...look.images];
      const todo =
        images.length === 0 ? toBeAnnounced(at) : ({ open: 'copying', dueAt: instantOf(at.now) } as const);
      return moved(record, at, 'succeeded', { ...todo, images });
    }
    case 'failed':
      return moved(record, at, 'failed', {
        ...toBeAnnounced(at),
        error: {
          code: 'generation_failed',
          message: 'JoggAI could not make the photo.',
          advice: 'JoggAI charges on acceptance. Change the request and ask again under a new key.',
          // Apart from our own words, because JoggAI's may repeat the caller's.
          joggai: { code: 0, message: look.message },
        },
      });
    case 'running':
    case 'unavailable':
      return at.now - Date.parse(record.generatingSince) < generationTimeoutMs
        ? record
        : moved(record, at, 'failed', {
            ...toBeAnnounced(at),
            error: {
              code: 'generation_timeout',
              message: `${unfinished(look)} within ${Math.round(generationTimeoutMs / 60_000)} minutes.`,
              advice: `It was charged. Look in the JoggAI dashboard for photo ${record.photoId}.`,
            },
          });
    default:
      return look satisfies never;
  }
};

const unfinished = (look: Extract<Look, { kind: 'running' | 'unavailable' }>): string =>
  look.kind === 'running'
    ? 'JoggAI did not finish'
    : `JoggAI did not say what became of the photo (last: ${look.cause})`;

/** Rounds of copying, an hour in all, after which a picture is left where it is: who asked is told then at the latest. */
const MOST_COPY_ROUNDS = 8;

const FIRST_COPY_RETRY_MS = 30_000;

/** The record after a round of copying its pictures: done with, or due again later. */
export const copied = (record: AvatarRecord, images: readonly AvatarImage[], at: Change): AvatarRecord => {
  const rounds = (record.copyRounds ?? 0) + 1;
  const isDone = images.every((image) => image.copy || image.refused);
  const retryMs = FIRST_COPY_RETRY_MS * 2 ** (rounds - 1);
  const todo =
    isDone || rounds >= MOST_COPY_ROUNDS
      ? toBeAnnounced(at)
      : ({ open: 'copying', dueAt: instantOf(at.now + retryMs) } as const);
  return { ...postponed(record, at, todo), images: [...images], copyRounds: rounds };
};

/** The record of which everybody has been told: nothing is left to do. */
export const announced = (record: AvatarRecord, at: Change): AvatarRecord => {
  const { open: _open, dueAt: _dueAt, ...rest } = record;
  return postponed(rest, at, {});
};
