import { createGate } from '../../lambda/domain/gate/gate.ts';
import { createCompletion, createPollGeneration } from '../../lambda/domain/generation/completion.ts';
import { createRefresh } from '../../lambda/domain/generation/refresh.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { GenerationStatus, Ledger } from '../../lambda/domain/ports.ts';
import { createErase } from '../../lambda/domain/record/erase.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { keyedId } from '../../lambda/domain/request/identity.ts';
import { createCancel } from '../../lambda/domain/submission/cancel.ts';
import { createDrain } from '../../lambda/domain/submission/drain.ts';
import { createResolve } from '../../lambda/domain/submission/resolve.ts';
import { createSubmitter } from '../../lambda/domain/submission/submit.ts';
import { createSweep } from '../../lambda/domain/submission/sweep.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { withOpenIndex } from '../../model/open-index.ts';
import { IMAGES, MINUTE, SECOND, T0 } from './completion-world.ts';
import { FULL_AVATAR } from './requests.ts';

/** What happens in the world, each in a process of its own. */
export const ACTIONS = [
  'submit',
  'enqueue',
  'dispatch',
  'cancel',
  'erase',
  'resubmit',
  'close',
  'refresh',
  'a minute passes',
] as const;
export type Action = (typeof ACTIONS)[number];

const KEY = { namespace: 'someone', key: 'order-1' };
const ID = keyedId(KEY.namespace, KEY.key);
const COMMAND = {
  source: 'http',
  caller: 'someone',
  owner: 'someone',
  request: FULL_AVATAR,
  idempotency: KEY,
} as const;

const mayHaveBeenCharged = ({ kind }: Outcome): boolean =>
  kind === 'accepted' || kind === 'failed' || kind === 'no_answer';

const words = ({ request, images, invalid, error }: AvatarRecord) => [
  request,
  images,
  invalid,
  error?.joggai,
];

/**
 * One request under one key, with everything that may happen to it. Checks each write and each paid call.
 *
 * @param turn resolves when a call of a process takes effect, or when its answer arrives; `name` of the call, if it is a copy
 */
export const createWithdrawalWorld = (
  turn: (name?: 'copy') => Promise<unknown>,
  outcomes: readonly Outcome[],
  statuses: readonly GenerationStatus[],
) => {
  const time = { now: T0 };
  const violations: string[] = [];
  const require = (holds: boolean, claim: string) => {
    if (!holds) violations.push(claim);
  };
  let isQuiet = false;
  let gateStore = createInMemoryGateStore();
  const paid = { calls: 0, charges: 0, allowed: 1 };
  const copies = new Set<string>();
  const published: AvatarRecord[] = [];

  const stored = createInMemoryLedger();
  const checkWrite = (before: AvatarRecord, after: AvatarRecord) => {
    if (before.status === 'cancelled')
      require(after.status === 'cancelled', 'a cancelled request stays cancelled');
    else if (after.status === 'cancelled')
      require(before.status === 'queued', 'only a queued request is cancelled');
    if (after.erasure) {
      require(words(after).every((word) => word === undefined), 'an erased request has no words');
    } else {
      require(before.erasure === undefined, 'an erased request stays erased');
      require(after.request !== undefined, 'only an erasure removes a request');
    }
    require(paid.charges === 0 ||
      after.charged !== 'no', 'a paid request never shows that it was not charged');
    if (after.history.length > before.history.length && after.history.at(-1)?.note?.startsWith('resubmit'))
      paid.allowed += 1;
  };
  const ledger = withOpenIndex({
    ...stored,
    async replace(next) {
      const before = await stored.get(next.id);
      const replaced = await stored.replace(next);
      if (replaced.kind === 'stored' && before) checkWrite(before, next);
      return replaced;
    },
  });

  /** The ports of a process that ends at its deadline, or at its call number `endsAt`, before or after that took effect. */
  const process = (lastsMs: number, endsAt = Number.POSITIVE_INFINITY) => {
    const invocation = { id: 'invocation', deadline: time.now + lastsMs };
    let calls = 0;
    let hasEnded = false;
    const alive = async (name?: 'copy') => {
      if (!isQuiet) await turn(name);
      hasEnded ||= time.now > invocation.deadline;
      if (hasEnded) await new Promise(() => {});
    };
    const through = async <Result>(call: () => Promise<Result>, name?: 'copy'): Promise<Result> => {
      await alive(name);
      calls += 1;
      hasEnded ||= calls > endsAt;
      await alive();
      const result = await call();
      await alive();
      return result;
    };
    const gate = createGate({
      store: gateStore,
      settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 1_000 },
      clock: () => time.now,
    });
    const checked: Ledger & typeof ledger = {
      create: (record) => through(() => ledger.create(record)),
      replace: (next) => through(() => ledger.replace(next)),
      get: (id) => through(() => ledger.get(id)),
      due: (...query) => through(() => ledger.due(...query)),
      allOpen: (limit) => through(() => ledger.allOpen(limit)),
    };
    const ports = {
      ledger: checked,
      clock: () => time.now,
      wait: (milliseconds: number) =>
        through(async () => {
          time.now += milliseconds;
        }),
      gate: {
        acquire: (request: Parameters<typeof gate.acquire>[0]) => through(() => gate.acquire(request)),
        release: (slot: Parameters<typeof gate.release>[0]) => through(() => gate.release(slot)),
      },
      apiKeys: {
        current: async () => ({ kind: 'present', value: 'key' }) as const,
        refreshed: async () => ({ kind: 'present', value: 'key' }) as const,
      },
      paidApi: {
        expectCall() {},
        generate: () =>
          through(async () => {
            const [record] = stored.records();
            require(record?.status === 'submitting' && !record.erasure, 'only a claimed request is paid for');
            const planned = isQuiet ? undefined : outcomes[paid.calls % outcomes.length];
            const outcome: Outcome = planned ?? { kind: 'accepted', photoId: 'photo-1' };
            paid.calls += 1;
            if (mayHaveBeenCharged(outcome)) paid.charges += 1;
            require(paid.charges <= paid.allowed, 'a request is paid at most once for each decision');
            return outcome;
          }),
      },
      freeApi: {
        generationStatus: (photoId: string) =>
          through(async (): Promise<GenerationStatus> => {
            const succeeded = { kind: 'succeeded', images: IMAGES } as const;
            return isQuiet ? succeeded : (statuses[photoId.length % statuses.length] ?? succeeded);
          }),
      },
      images: {
        copy: (_url: string, name: string) =>
          through(async () => {
            copies.add(name);
            return { kind: 'copied', copy: { key: name, contentType: 'image/png', bytes: 1 } } as const;
          }, 'copy'),
        deleteAll: (prefix: string) =>
          through(async () => {
            for (const name of [...copies]) if (name.startsWith(prefix)) copies.delete(name);
          }),
      },
      publisher: {
        recordEnded: (record: AvatarRecord) => through(async () => void published.push(record)),
      },
      events: {
        outcomeRecorded() {},
        outcomeNotRecorded() {},
        slotNotReleased() {},
        ended() {},
        notCopied() {},
        stuck: (_: AvatarRecord, error: unknown) => void violations.push(`stuck: ${error}`),
      },
      settings: { generationTimeoutMs: 60 * MINUTE },
    };
    return { invocation, ports };
  };

  const dispatch = async (endsAt?: number) => {
    const { invocation, ports } = process(2 * MINUTE, endsAt);
    await createSweep({ ...ports, onLeaseExpired() {} })(invocation);
    await createDrain(ports)(invocation, { concurrency: 2, waitForSlots: false });
    await createCompletion(ports)(invocation);
  };

  const act = async (action: Action, endsAt?: number): Promise<unknown> => {
    if (action === 'dispatch') return dispatch(endsAt);
    if (action === 'a minute passes') {
      await turn();
      time.now += MINUTE;
      return undefined;
    }
    const { invocation, ports } = process(29 * SECOND, endsAt);
    switch (action) {
      case 'submit':
      case 'enqueue':
        return createSubmitter(ports)[action](COMMAND, invocation);
      case 'cancel':
        return createCancel(ports)(ID, 'arn:ann', invocation);
      case 'erase':
        return createErase(ports)(ID, 'arn:ann', invocation);
      case 'refresh':
        return createRefresh({ ...ports, pollGeneration: createPollGeneration(ports) })(ID, invocation);
      default: {
        const version = (await ports.ledger.get(ID))?.version ?? 0;
        const decision = { action, by: 'arn:bob', reason: 'settled', version } as const;
        return createResolve(ports)(ID, decision, invocation);
      }
    }
  };

  return {
    time,
    violations,
    published,
    act,
    copies: () => [...copies],
    record: () => stored.records()[0],
    paid,
    /** Time passes, every process ends, and dispatch runs until no work is left. */
    async settle() {
      isQuiet = true;
      // The account is well: what is queued is submitted.
      gateStore = createInMemoryGateStore();
      for (let minutes = 0; minutes < 90 && stored.records()[0]?.open !== undefined; minutes += 1) {
        time.now += MINUTE;
        await dispatch();
      }
    },
  };
};
