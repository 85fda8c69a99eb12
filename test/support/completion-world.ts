import {
  type CompletionPorts,
  createCompletion,
  createPollGeneration,
} from '../../lambda/domain/generation/completion.ts';
import { type GeneratingRecord, isGenerating } from '../../lambda/domain/generation/generation-rules.ts';
import type { CopyResult, GenerationStatus } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { acceptedAsClaimed, withOutcome } from '../../lambda/domain/submission/submission-rules.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { withOpenIndex } from '../../model/open-index.ts';
import { FULL_AVATAR } from './requests.ts';

export const T0 = Date.UTC(2026, 10, 22, 12);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** How long a generation is polled. */
export const GENERATION_TIMEOUT_MS = 60 * MINUTE;

/** A record that JoggAI accepted at that time. */
export const generating = (id = 'avatar-1', now = T0): GeneratingRecord => {
  const at = { now, by: 'api' };
  const claim = { ...at, attemptId: 'attempt', leaseUntil: now + 34 * SECOND };
  const fresh = { id, source: 'http', caller: 'someone', request: FULL_AVATAR } as const;
  const transition = { status: 'generating', charged: 'yes', photoId: `photo of ${id}` } as const;
  const record = withOutcome(acceptedAsClaimed(fresh, claim), transition, at);
  if (!isGenerating(record)) throw new Error('An accepted record should be generating.');
  return record;
};

export const IMAGES = [
  { url: 'https://res.jogg.ai/one.png', key: 'key-one' },
  { url: 'https://res.jogg.ai/two.png', key: 'key-two' },
];

export const SUCCEEDED: GenerationStatus = { kind: 'succeeded', images: IMAGES };
export const RUNNING: GenerationStatus = { kind: 'running' };

export const copiedAs = (name: string): CopyResult => ({
  kind: 'copied',
  copy: { key: `images/${name}.png`, contentType: 'image/png', bytes: 7 },
});

/** All ports of a completion, in memory, on a clock that only the test advances. */
export const createCompletionWorld = () => {
  const time = { now: T0 };
  const records = createInMemoryLedger();
  const ledger = withOpenIndex(records);
  const joggai = {
    /** The times of the polls, in milliseconds after `T0`. */
    polls: [] as number[],
    answer: (_photoId: string): GenerationStatus => SUCCEEDED,
  };
  const names = new Set<string>();
  const imageStore = {
    attempts: [] as { readonly url: string; readonly atMs: number }[],
    answer: (_url: string, name: string): CopyResult => copiedAs(name),
    /** Whether nothing can be deleted. */
    isDown: false,
    put: (name: string) => void names.add(name),
    /** The names of all stored copies. */
    kept: () => [...names],
  };
  const key = { isPresent: true };
  const bus = {
    /** The events that it accepted. */
    published: [] as AvatarRecord[],
    isDown: (_record: AvatarRecord) => false,
  };
  const reported = { ended: [] as AvatarRecord[], notCopied: [] as string[], stuck: [] as string[] };

  const ports: CompletionPorts = {
    ledger,
    freeApi: {
      async generationStatus(photoId) {
        joggai.polls.push(time.now - T0);
        return joggai.answer(photoId);
      },
    },
    apiKeys: { current: async () => (key.isPresent ? { kind: 'present', value: 'key' } : { kind: 'unset' }) },
    images: {
      async copy(url, name) {
        imageStore.attempts.push({ url, atMs: time.now - T0 });
        const result = imageStore.answer(url, name);
        if (result.kind === 'copied') names.add(name);
        return result;
      },
      async deleteAll(prefix) {
        if (imageStore.isDown) throw new Error('The bucket is down.');
        for (const name of [...names]) if (name.startsWith(prefix)) names.delete(name);
      },
    },
    publisher: {
      async recordEnded(record) {
        if (bus.isDown(record)) throw new Error('The bus is down.');
        bus.published.push(structuredClone(record));
      },
    },
    clock: () => time.now,
    events: {
      ended: (record) => void reported.ended.push(record),
      notCopied: (_, reason, isFinal) => void reported.notCopied.push(isFinal ? `${reason}, final` : reason),
      stuck: (record) => void reported.stuck.push(record.id),
    },
    settings: { generationTimeoutMs: GENERATION_TIMEOUT_MS },
  };
  const invocation = (timeLeftMs: number) => ({ id: 'dispatch', deadline: time.now + timeLeftMs });

  return {
    time,
    ledger,
    joggai,
    imageStore,
    key,
    bus,
    reported,
    ports,
    /** One dispatch, in its own process. */
    dispatch: (change: Partial<CompletionPorts> = {}, timeLeftMs = 2 * MINUTE): Promise<void> =>
      createCompletion({ ...ports, ...change })(invocation(timeLeftMs)),
    /** One poll, for a waiting caller. */
    poll: (record: AvatarRecord): Promise<AvatarRecord> =>
      createPollGeneration(ports)(record, invocation(29_000)),
    /** Dispatches at an interval, for a period of time. */
    async dispatchFor(durationMs: number, everyMs: number) {
      for (const end = time.now + durationMs; time.now < end; ) {
        time.now += everyMs;
        await createCompletion(ports)(invocation(2 * MINUTE));
      }
    },
    async record(id = 'avatar-1'): Promise<AvatarRecord> {
      const record = await records.get(id);
      if (!record) throw new Error(`There is no record ${id}.`);
      return record;
    },
  };
};
