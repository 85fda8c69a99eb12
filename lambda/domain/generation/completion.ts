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
import type { AvatarImage, AvatarRecord } from '../record/record.ts';
import type { Change } from '../record/record-changes.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
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
    if (apiKey.kind !== 'present') return mine;
    const status = await freeApi.generationStatus(mine.photoId, apiKey.value);
    const next = afterPoll(mine, status, settings, change());
    if (next === mine) return mine;
    const replaced = await ledger.replace(next);
    if (replaced.kind === 'conflict') return replaced.record ?? mine;
    if (!isGenerating(next)) events.ended(next);
    return next;
  };

/** Records that take each step at the same time. Polls may hang; a copy holds up to 10 MB of memory. */
const CONCURRENCY = { announcing: 10, erasing: 2, copying: 10, generating: 30 } as const;

type Step = keyof typeof CONCURRENCY;

const STEPS = ['announcing', 'erasing', 'copying', 'generating'] as const satisfies readonly Step[];

/** Records of one state that are read at a time. */
const PAGE = 10;

/** Time of the invocation that is kept for the steps under way, in milliseconds. */
const STEP_RESERVE_MS = 30_000;

/** A copy is not started with less time than this left, in milliseconds: the round must be recorded, too. */
const COPY_RESERVE_MS = 25_000;

/** How the names of all copies of a record begin. */
const copiesOf = ({ id }: AvatarRecord): string => `${id}/`;

/**
 * Completes accepted requests: polls the generation, copies its images, publishes the end, and deletes the copies of an
 * erased one. Each step has places of its own, so that polls that hang delay no image and no event. If a run dies
 * between two steps, the next run continues from the recorded state.
 */
export const createCompletion = (ports: CompletionPorts) => {
  const { ledger, images, publisher, clock, events } = ports;
  const change = (invocation: Invocation): Change => ({ now: clock(), by: invocation.id });
  const pollGeneration = createPollGeneration(ports);

  const copyImage = async (record: AvatarRecord, image: AvatarImage, index: number): Promise<AvatarImage> => {
    if (image.copy || image.refused) return image;
    const result = await images.copy(image.url, `${copiesOf(record)}${index + 1}`);
    if (result.kind === 'copied') return { ...image, copy: result.copy };
    events.notCopied(record, result.reason, result.kind === 'refused');
    return result.kind === 'refused' ? { ...image, refused: result.reason } : image;
  };

  const copy = async (record: AvatarRecord, invocation: Invocation): Promise<AvatarRecord | undefined> => {
    // The index may show a record that was erased since: its copies would stay.
    if ((await ledger.get(record.id))?.version !== record.version) return undefined;
    const processed: AvatarImage[] = [];
    // One at a time, to keep the function's memory small.
    for (const [index, image] of (record.images ?? []).entries()) {
      const isInTime = clock() < invocation.deadline - COPY_RESERVE_MS;
      processed.push(isInTime ? await copyImage(record, image, index) : image);
    }
    const next = afterCopying(record, processed, change(invocation));
    return (await ledger.replace(next)).kind === 'stored' ? next : undefined;
  };

  const publish = async (record: AvatarRecord, invocation: Invocation): Promise<undefined> => {
    await publisher.recordEnded(record);
    await ledger.replace(published(record, change(invocation)));
  };

  const erase = async (record: AvatarRecord, invocation: Invocation): Promise<undefined> => {
    await images.deleteAll(copiesOf(record));
    await ledger.replace(afterDeletion(record, change(invocation)));
  };

  const poll = async (record: AvatarRecord, invocation: Invocation): Promise<AvatarRecord | undefined> => {
    const next = await pollGeneration(record, invocation);
    return next.history.at(-1)?.by === invocation.id ? next : undefined;
  };

  /** Each returns the record as this run changed it. If another run did, nothing is left to do here. */
  const take = { announcing: publish, erasing: erase, copying: copy, generating: poll } as const;

  return async (invocation: Invocation): Promise<void> => {
    const startedAt = clock();
    const isInTime = (): boolean => clock() < invocation.deadline - STEP_RESERVE_MS;
    /** The next steps of records that this run advanced. They do not wait for the index, which may lag. */
    const nextSteps: Promise<void>[] = [];

    /** The records that were due at the start, so that each is advanced once. */
    const dueRecords = async function* (step: Step): AsyncGenerator<AvatarRecord, void> {
      let after: AvatarRecord | undefined;
      while (isInTime()) {
        const due = await ledger.due(step, { now: startedAt, limit: PAGE, after });
        yield* due;
        if (due.length < PAGE) return;
        after = due.at(-1);
      }
    };

    const limits = {
      announcing: createConcurrencyLimit(CONCURRENCY.announcing),
      erasing: createConcurrencyLimit(CONCURRENCY.erasing),
      copying: createConcurrencyLimit(CONCURRENCY.copying),
      generating: createConcurrencyLimit(CONCURRENCY.generating),
    } as const;

    const advance = (step: Step, record: AvatarRecord): Promise<void> =>
      limits[step](async () => {
        if (!isInTime()) return;
        try {
          const next = await take[step](record, invocation);
          const nextStep = STEPS.find((each) => each === next?.open);
          if (next && nextStep && nextStep !== step) nextSteps.push(advance(nextStep, next));
        } catch (error) {
          events.stuck(record, error);
        }
      });

    const advanceDue = (step: Step): Promise<void> => {
      const records = dueRecords(step);
      const work = async (): Promise<void> => {
        for await (const record of records) await advance(step, record);
      };
      return allEnded(Array.from({ length: CONCURRENCY[step] }, work));
    };

    try {
      await allEnded(STEPS.map(advanceDue));
    } finally {
      // The list grows meanwhile.
      for (const nextStep of nextSteps) await nextStep;
    }
  };
};

/** Resolves when all work has ended. @throws the first error */
const allEnded = async (work: readonly Promise<void>[]): Promise<void> => {
  const ends = await Promise.allSettled(work);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
};
