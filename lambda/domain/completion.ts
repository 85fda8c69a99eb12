import { announced, copied, type FollowSettings, followed, isGenerating, lookedAt } from './generation.ts';
import type { Invocation } from './paid-call.ts';
import type { Announcer, ApiKeys, Clock, FreeApi, ImageKeeper, Ledger, OpenRecords } from './ports.ts';
import type { AvatarImage, AvatarRecord, OpenState } from './record.ts';
import type { Change } from './transition.ts';

export interface CompletionEvents {
  /** A generation came to its end. */
  ended(record: AvatarRecord): void;
  /** A picture could not be copied. `isFinal`: it stays where JoggAI has it. */
  notCopied(record: AvatarRecord, reason: string, isFinal: boolean): void;
  /** One record could not be moved on; the others were. */
  stuck(record: AvatarRecord, error: unknown): void;
}

export interface CompletionPorts {
  readonly ledger: Pick<Ledger, 'replace'> & OpenRecords;
  readonly freeApi: Pick<FreeApi, 'photo'>;
  readonly apiKeys: Pick<ApiKeys, 'current'>;
  readonly images: ImageKeeper;
  readonly announcer: Pick<Announcer, 'recordEnded'>;
  readonly clock: Clock;
  readonly events: CompletionEvents;
  readonly settings: FollowSettings;
}

/**
 * Looks at a generation once, for dispatch and for a caller who waits alike. The look is claimed first: of any number
 * who come at the same moment, one asks JoggAI.
 */
export const createFollow =
  ({ ledger, freeApi, apiKeys, clock, events, settings }: Omit<CompletionPorts, 'images' | 'announcer'>) =>
  /** @returns the record as it is then in the ledger */
  async (record: AvatarRecord, invocation: Invocation): Promise<AvatarRecord> => {
    if (!isGenerating(record)) return record;
    const change = (): Change => ({ now: clock(), by: invocation.id });
    const mine = lookedAt(record, settings, change());
    const claimed = await ledger.replace(mine);
    if (claimed.kind === 'conflict') return claimed.record ?? record;
    const apiKey = await apiKeys.current();
    const look =
      apiKey.kind === 'present'
        ? await freeApi.photo(mine.photoId, apiKey.value)
        : ({ kind: 'unavailable', cause: 'no API key' } as const);
    const next = followed(mine, look, settings, change());
    if (next === mine) return mine;
    const replaced = await ledger.replace(next);
    if (replaced.kind === 'conflict') return replaced.record ?? mine;
    events.ended(next);
    return next;
  };

/** Records of one state that are worked on at the same time. */
const CONCURRENCY = 10;

/** How much is read of a state at a time. */
const PAGE = 50;

/** What is kept of the invocation's time for the step in hand, in milliseconds. */
const STEP_RESERVE_MS = 30_000;

/** With less time than this left, no copy is begun, in milliseconds: the round has to be recorded, too. */
const COPY_RESERVE_MS = 25_000;

/**
 * Brings what JoggAI took to its end: follows it, copies its pictures, tells everybody. Whatever dies between two
 * steps, the next run finds the record in the state that it was left in and goes on.
 */
export const createCompletion = (ports: CompletionPorts) => {
  const { ledger, images, announcer, clock, events } = ports;
  const change = (invocation: Invocation): Change => ({ now: clock(), by: invocation.id });

  const keep = async (record: AvatarRecord, image: AvatarImage, index: number): Promise<AvatarImage> => {
    if (image.copy || image.refused) return image;
    const kept = await images.keep(image.url, `${record.id}/${index + 1}`);
    if (kept.kind === 'kept') return { ...image, copy: kept.copy };
    events.notCopied(record, kept.reason, kept.kind === 'refused');
    return kept.kind === 'refused' ? { ...image, refused: kept.reason } : image;
  };

  const copy = async (record: AvatarRecord, invocation: Invocation): Promise<void> => {
    const kept: AvatarImage[] = [];
    // One after the other: pictures are large, and a function's memory is not.
    for (const [index, image] of (record.images ?? []).entries()) {
      const isInTime = clock() < invocation.deadline - COPY_RESERVE_MS;
      kept.push(isInTime ? await keep(record, image, index) : image);
    }
    await ledger.replace(copied(record, kept, change(invocation)));
  };

  const announce = async (record: AvatarRecord, invocation: Invocation): Promise<void> => {
    await announcer.recordEnded(record);
    await ledger.replace(announced(record, change(invocation)));
  };

  /** In a conflict somebody else has moved the record on: then nothing is left to do here. */
  const STEPS = { generating: createFollow(ports), copying: copy, announcing: announce } as const;

  /** Takes every record of a state one step on, in pages, until none is due or the time is up. */
  const work = async (state: OpenState & keyof typeof STEPS, invocation: Invocation): Promise<void> => {
    const tried = new Set<string>();
    let limit = PAGE;
    while (clock() < invocation.deadline - STEP_RESERVE_MS) {
      const due = await ledger.due(state, { now: clock(), limit });
      // The index may show a record for a while as it was before.
      const fresh = due.filter(({ id, version }) => !tried.has(`${id}@${version}`)).slice(0, CONCURRENCY);
      if (fresh.length === 0) {
        if (due.length < limit) return;
        // A page of nothing but records that cannot be moved on hides what stands behind them.
        limit *= 2;
        continue;
      }
      await Promise.all(
        fresh.map(async (record) => {
          tried.add(`${record.id}@${record.version}`);
          try {
            await STEPS[state](record, invocation);
          } catch (error) {
            events.stuck(record, error);
          }
        }),
      );
    }
  };

  return async (invocation: Invocation): Promise<void> => {
    await work('generating', invocation);
    await work('copying', invocation);
    await work('announcing', invocation);
  };
};
