import { type CompletionPorts, createCompletion, createFollow } from '../../lambda/domain/completion.ts';
import { type GeneratingRecord, isGenerating, type Look } from '../../lambda/domain/generation.ts';
import type { KeptImage } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record.ts';
import { acceptedAsClaimed, settled } from '../../lambda/domain/submitting.ts';
import { createInMemoryLedger } from './in-memory-ledger.ts';
import { withOpenIndex } from './open-index.ts';
import { FULL_AVATAR } from './requests.ts';

export const T0 = Date.UTC(2026, 10, 22, 12);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** How long a generation is followed. */
export const GENERATION_TIMEOUT_MS = 60 * MINUTE;

/** A record that JoggAI took at `T0`. */
export const generating = (id = 'avatar-1'): GeneratingRecord => {
  const at = { now: T0, by: 'api' };
  const claim = { ...at, attemptId: 'attempt', leaseUntil: T0 + 34 * SECOND };
  const fresh = { id, source: 'http', caller: 'someone', request: FULL_AVATAR } as const;
  const verdict = { status: 'generating', charged: 'yes', photoId: `photo of ${id}` } as const;
  const record = settled(acceptedAsClaimed(fresh, claim), verdict, at);
  if (!isGenerating(record)) throw new Error('A record that JoggAI took is generating.');
  return record;
};

export const PICTURES = [
  { url: 'https://res.jogg.ai/one.png', key: 'key-one' },
  { url: 'https://res.jogg.ai/two.png', key: 'key-two' },
];

export const SUCCEEDED: Look = { kind: 'succeeded', images: PICTURES };
export const RUNNING: Look = { kind: 'running' };

export const keptAs = (name: string): KeptImage => ({
  kind: 'kept',
  copy: { key: `images/${name}.png`, contentType: 'image/png', bytes: 7 },
});

/** Everything that a completion touches, in memory, on a clock that stands still until a test moves it. */
export const createCompletionWorld = () => {
  const time = { now: T0 };
  const records = createInMemoryLedger();
  const ledger = withOpenIndex(records);
  const joggai = {
    /** When it was asked, in milliseconds after `T0`. */
    looks: [] as number[],
    answer: (_photoId: string): Look => SUCCEEDED,
  };
  const keeper = {
    tries: [] as { readonly url: string; readonly atMs: number }[],
    answer: (_url: string, name: string): KeptImage => keptAs(name),
  };
  const key = { isPresent: true };
  const bus = {
    /** What it took. */
    announced: [] as AvatarRecord[],
    isDown: (_record: AvatarRecord) => false,
  };
  const told = { ended: [] as AvatarRecord[], notCopied: [] as string[], stuck: [] as string[] };

  const ports: CompletionPorts = {
    ledger,
    freeApi: {
      async photo(photoId) {
        joggai.looks.push(time.now - T0);
        return joggai.answer(photoId);
      },
    },
    apiKeys: { current: async () => (key.isPresent ? { kind: 'present', value: 'key' } : { kind: 'unset' }) },
    images: {
      async keep(url, name) {
        keeper.tries.push({ url, atMs: time.now - T0 });
        return keeper.answer(url, name);
      },
    },
    announcer: {
      async recordEnded(record) {
        if (bus.isDown(record)) throw new Error('The bus is down.');
        bus.announced.push(structuredClone(record));
      },
    },
    clock: () => time.now,
    events: {
      ended: (record) => void told.ended.push(record),
      notCopied: (_, reason, isFinal) => void told.notCopied.push(isFinal ? `${reason}, for good` : reason),
      stuck: (record) => void told.stuck.push(record.id),
    },
    settings: { generationTimeoutMs: GENERATION_TIMEOUT_MS },
  };
  const invocation = (timeLeftMs: number) => ({ id: 'dispatch', deadline: time.now + timeLeftMs });

  return {
    time,
    ledger,
    joggai,
    keeper,
    key,
    bus,
    told,
    ports,
    /** One dispatch, in a process of its own. */
    dispatch: (change: Partial<CompletionPorts> = {}, timeLeftMs = 2 * MINUTE): Promise<void> =>
      createCompletion({ ...ports, ...change })(invocation(timeLeftMs)),
    /** One look, for somebody who waits. */
    follow: (record: AvatarRecord): Promise<AvatarRecord> => createFollow(ports)(record, invocation(29_000)),
    /** Dispatches again and again, so many milliseconds apart, until so much time has passed. */
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
