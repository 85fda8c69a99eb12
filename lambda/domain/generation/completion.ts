import type {
  ApiKeys,
  Clock,
  EventPublisher,
  FreeApi,
  ImageStore,
  Invocation,
  Ledger,
  OpenRecords,
} from '../ports.ts';
import { afterDeletion } from '../record/erase.ts';
import type { AvatarImage, AvatarRecord, OpenState } from '../record/record.ts';
import type { Change } from '../record/record-changes.ts';
import {
  afterCopying,
  afterPoll,
  isGenerating,
  type PollSettings,
  pollClaimed,
  published,
} from './generation-rules.ts';

export interface CompletionEvents {
  /** A generation ended. */
  ended(record: AvatarRecord): void;
  /** An image could not be copied. `isFinal`: there is no further attempt. */
  notCopied(record: AvatarRecord, reason: string, isFinal: boolean): void;
  /** One record could not be advanced. The others are not affected. */
  stuck(record: AvatarRecord, error: unknown): void;
}

export interface CompletionPorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'> & OpenRecords;
  readonly freeApi: Pick<FreeApi, 'generationStatus'>;
  readonly apiKeys: Pick<ApiKeys, 'current'>;
  readonly images: ImageStore;
  readonly publisher: Pick<EventPublisher, 'recordEnded'>;
  readonly clock: Clock;
  readonly events: CompletionEvents;
  readonly settings: PollSettings;
}

export interface PollPorts extends Omit<CompletionPorts, 'ledger' | 'images' | 'publisher'> {
  readonly ledger: Pick<Ledger, 'replace'>;
}

/**
 * Polls a generation once, for dispatch or for a waiting caller. The poll is claimed first, so of several concurrent
 * polls only one asks JoggAI.
 */
export const createPollGeneration =
  ({ ledger, freeApi, apiKeys, clock, events, settings }: PollPorts) =>
  /** @returns the record as it is then in the ledger */
  async (record: AvatarRecord, invocation: Invocation): Promise<AvatarRecord> => {
    if (!isGenerating(record)) return record;
    const change = (): Change => ({ now: clock(), by: invocation.id });
    const mine = pollClaimed(record, settings, change());
    const claimed = await ledger.replace(mine);
    if (claimed.kind === 'conflict') return claimed.record ?? record;
    const apiKey = await apiKeys.current();
    const status =
      apiKey.kind === 'present'
        ? await freeApi.generationStatus(mine.photoId, apiKey.value)
        : ({ kind: 'unavailable', cause: 'no API key' } as const);
    const next = afterPoll(mine, status, settings, change());
    if (next === mine) return mine;
    const replaced = await ledger.replace(next);
    if (replaced.kind === 'conflict') return replaced.record ?? mine;
    events.ended(next);
    return next;
  };

/** Records of one state that are read, and processed at the same time. */
const CONCURRENCY = 10;

/** Time of the invocation that is kept for the step under way, in milliseconds. */
const STEP_RESERVE_MS = 30_000;

/** A copy is not started with less time than this left, in milliseconds: the round must be recorded, too. */
const COPY_RESERVE_MS = 25_000;

/** How the names of all copies of a record begin. */
const copiesOf = ({ id }: AvatarRecord): string => `${id}/`;

/**
 * Completes accepted requests: polls the generation, copies its images, publishes the end, and deletes the copies of an
 * erased one. If a run dies between two steps, the next run continues from the recorded state.
 */
export const createCompletion = (ports: CompletionPorts) => {
  const { ledger, images, publisher, clock, events } = ports;
  const change = (invocation: Invocation): Change => ({ now: clock(), by: invocation.id });

  const copyImage = async (record: AvatarRecord, image: AvatarImage, index: number): Promise<AvatarImage> => {
    if (image.copy || image.refused) return image;
    const result = await images.copy(image.url, `${copiesOf(record)}${index + 1}`);
    if (result.kind === 'copied') return { ...image, copy: result.copy };
    events.notCopied(record, result.reason, result.kind === 'refused');
    return result.kind === 'refused' ? { ...image, refused: result.reason } : image;
  };

  const copy = async (record: AvatarRecord, invocation: Invocation): Promise<void> => {
    // The index may show a record that was erased since: its copies would stay.
    if ((await ledger.get(record.id))?.version !== record.version) return;
    const processed: AvatarImage[] = [];
    // One at a time, to keep the function's memory small.
    for (const [index, image] of (record.images ?? []).entries()) {
      const isInTime = clock() < invocation.deadline - COPY_RESERVE_MS;
      processed.push(isInTime ? await copyImage(record, image, index) : image);
    }
    await ledger.replace(afterCopying(record, processed, change(invocation)));
  };

  const publish = async (record: AvatarRecord, invocation: Invocation): Promise<void> => {
    await publisher.recordEnded(record);
    await ledger.replace(published(record, change(invocation)));
  };

  const erase = async (record: AvatarRecord, invocation: Invocation): Promise<void> => {
    await images.deleteAll(copiesOf(record));
    await ledger.replace(afterDeletion(record, change(invocation)));
  };

  /** A conflict means that another run advanced the record: nothing is left to do here. */
  const STEPS = {
    generating: createPollGeneration(ports),
    copying: copy,
    announcing: publish,
    erasing: erase,
  } as const;

  /** Advances every due record of a state by one step, page by page, until none is due or the time is up. */
  const work = async (state: OpenState & keyof typeof STEPS, invocation: Invocation): Promise<void> => {
    let after: AvatarRecord | undefined;
    while (clock() < invocation.deadline - STEP_RESERVE_MS) {
      // Behind the page before, which the index may still show as it was, or whose records could not be advanced.
      const due = await ledger.due(state, { now: clock(), limit: CONCURRENCY, after });
      if (due.length === 0) return;
      await Promise.all(
        due.map(async (record) => {
          try {
            await STEPS[state](record, invocation);
          } catch (error) {
            events.stuck(record, error);
          }
        }),
      );
      after = due.at(-1);
    }
  };

  return async (invocation: Invocation): Promise<void> => {
    await work('generating', invocation);
    await work('copying', invocation);
    await work('announcing', invocation);
    await work('erasing', invocation);
  };
};
