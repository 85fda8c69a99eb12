import { createGate, type Gate } from '../lambda/domain/gate/gate.ts';
import { createCompletion } from '../lambda/domain/generation/completion.ts';
import type { Invocation } from '../lambda/domain/ports.ts';
import { createErase } from '../lambda/domain/record/erase.ts';
import { openSnapshot } from '../lambda/domain/record/open-snapshot.ts';
import type { AvatarRecord } from '../lambda/domain/record/record.ts';
import { keyFingerprint } from '../lambda/domain/request/identity.ts';
import { createCancel } from '../lambda/domain/submission/cancel.ts';
import { createDrain, type Drained, type DrainOptions } from '../lambda/domain/submission/drain.ts';
import { createEagerDrain } from '../lambda/domain/submission/eager-drain.ts';
import { createResolve } from '../lambda/domain/submission/resolve.ts';
import { arrivalTimes } from '../lambda/domain/submission/submission-rules.ts';
import { createSubmitter, type Submission } from '../lambda/domain/submission/submit.ts';
import { createSweep } from '../lambda/domain/submission/sweep.ts';
import { TIMEOUT_SECONDS } from '../lambda/shared/limits.ts';
import { SAMPLE_REQUEST } from '../local/sample-request.ts';
import type { RateSettings } from '../local/simulator/settings.ts';
import { createInMemoryGateStore } from './in-memory-gate-store.ts';
import { createInMemoryLedger } from './in-memory-ledger.ts';
import { withOpenIndex } from './open-index.ts';
import { createProcess, invoke, type Network, type StoreCall } from './process.ts';
import { between, createRandomness } from './randomness.ts';
import { UNMODELLED } from './unmodelled.ts';
import { createUpstream, nameOf, type PlannedCall } from './upstream.ts';
import { createVirtualTime } from './virtual-time.ts';

/** How the functions drain. */
export const DRAIN = {
  intake: { concurrency: 5, waitForSlots: false },
  dispatch: { concurrency: 20, waitForSlots: true },
} as const satisfies Record<string, DrainOptions>;

export const WINDOW_MS = 60_000;

/** How long a process caches the key, in milliseconds. */
const KEY_AGE_MS = 5 * 60_000;

/** Batches of events that intake processes at the same time, as configured at the queue. */
export const MAX_BATCHES = 5;

/** Events in a batch. */
export const BATCH_SIZE = 10;

export interface WorldOptions {
  readonly start: number;
  readonly seed: number;
  readonly slots: number;
  readonly dailyCallLimit: number;
  readonly window: RateSettings['window'];
  readonly network: Network;
  /** Maximum lag of the index of open records, in milliseconds. */
  readonly indexLagMs: number;
  /** The course of the next call. */
  readonly nextCall: () => PlannedCall;
  /** Whether dispatch also polls and publishes. Default: no, which takes less time. */
  readonly completes?: boolean;
  /** Whether JoggAI answers its free reads now. Default: always. */
  readonly isReadable?: () => boolean;
  /** When the key in the secret is replaced and JoggAI stops to accept the old one. Default: never. */
  readonly rotations?: readonly number[];
  /** Maximum difference of a process's clock from the true time, in milliseconds. Default: 0. */
  readonly clockSkewMs?: number;
  /** Steps after which each process ends, in the order of their start. The other processes do not end. */
  readonly lifetimes?: readonly number[];
}

/** The deployed service on a virtual clock: any number of processes, one store and one upstream. */
export const createWorld = (options: WorldOptions) => {
  const { slots, dailyCallLimit, network, lifetimes = [], rotations = [], clockSkewMs = 0 } = options;
  const time = createVirtualTime(options.start);
  const random = createRandomness(options.seed);
  const records = createInMemoryLedger();
  const store = createInMemoryGateStore(async () => {});
  const open = withOpenIndex(records, (apply) => {
    time.wait(random() * options.indexLagMs).then(apply);
  });
  const rate: RateSettings = {
    limit: slots,
    windowMs: WINDOW_MS,
    window: options.window,
    countRefused: true,
    retryAfter: 'body',
    httpStatus: 200,
  };
  /** The key in the secret, and the only one that JoggAI accepts. */
  const currentKey = () => `key ${rotations.filter((at) => at <= time.clock()).length}`;
  const upstream = createUpstream({
    time,
    rate,
    nextCall: options.nextCall,
    isValidKey: (apiKey) => apiKey === currentKey(),
  });
  const settings = { slots, windowMs: WINDOW_MS, dailyCallLimit };
  /** When the gate admitted each attempt, by the attempt's id. */
  const admittedAt = new Map<string, number>();
  /** The latest attempt that claimed each request, by the request's name. */
  const attemptFor = new Map<string, string>();
  const unreleasedSlots: Parameters<Gate['release']>[0][] = [];
  /** Outcomes that could not be recorded, by why. */
  const unrecorded: string[] = [];
  /** Calls of all processes to the store. */
  const storeCalls = new Map<StoreCall, number>();
  let processes = 0;
  let invocations = 0;

  /** Starts a process. It is replaced by a new one after it ended. */
  const startProcess = () => {
    const process = createProcess({
      time,
      random,
      network,
      maxSteps: lifetimes[processes] ?? Number.POSITIVE_INFINITY,
      onStoreCall: (name) => storeCalls.set(name, (storeCalls.get(name) ?? 0) + 1),
    });
    processes += 1;
    const skewMs = between(random, -clockSkewMs, clockSkewMs);
    const clock = () => time.clock() + skewMs;
    let cachedKey: { readonly value: string; readonly at: number } | undefined;
    const readKey = (maxAgeMs: number) =>
      process.remote(async () => {
        if (!cachedKey || time.clock() - cachedKey.at >= maxAgeMs) {
          cachedKey = { value: currentKey(), at: time.clock() };
        }
        return { kind: 'present', value: cachedKey.value } as const;
      });
    const apiKeys = { current: () => readKey(KEY_AGE_MS), refreshed: () => readKey(0) };
    const gate = createGate({
      store: process.gateStore(store),
      settings,
      clock,
      choose: (free) => free[Math.floor(random() * free.length)] ?? 0,
    });
    const ledger = process.ledger(open);
    const remember = ({ request, attempt }: AvatarRecord): void => {
      if (request && attempt) attemptFor.set(nameOf(request), attempt.id);
    };
    const ports = {
      ledger: {
        ...ledger,
        async create(record: AvatarRecord) {
          const created = await ledger.create(record);
          if (created.kind === 'created') remember(record);
          return created;
        },
        async replace(next: AvatarRecord) {
          const replaced = await ledger.replace(next);
          if (replaced.kind === 'stored') remember(next);
          return replaced;
        },
      },
      gate: {
        ...gate,
        async acquire(request: Parameters<Gate['acquire']>[0]) {
          const admission = await gate.acquire(request);
          if (admission.kind === 'admitted') admittedAt.set(request.attemptId, admission.acquiredAt);
          return admission;
        },
        async release(slot: Parameters<Gate['release']>[0]) {
          await gate.release(slot);
          const part = store.view().slots.get(slot.slot);
          const isStillHeld = part?.holder === slot.attemptId && part.until > time.clock() + WINDOW_MS;
          if (isStillHeld && slot.outcome.kind !== 'no_answer') unreleasedSlots.push(slot);
        },
      },
      paidApi: process.paidApi(upstream),
      apiKeys,
      clock,
      events: {
        outcomeRecorded() {},
        outcomeNotRecorded: (_record: AvatarRecord, problem: string) => void unrecorded.push(problem),
        slotNotReleased() {},
      },
      wait: process.wait,
    };
    const drain = createDrain(ports);
    /** The parts of one run of dispatch. */
    const createRun = () => {
      const readOpen = openSnapshot({ ...ports.ledger, oldest: async () => undefined });
      const runPorts = () => ({ ...ports, ledger: { ...ports.ledger, ...readOpen() } });
      return {
        check,
        sweep: createSweep({ ...runPorts(), onLeaseExpired: () => {} }),
        drain: createDrain(runPorts()),
        complete: options.completes ? createCompletion({ ...runPorts(), ...UNMODELLED }) : async () => {},
      };
    };
    /** As dispatch's check of the account: JoggAI's free read succeeds unless there is an outage. */
    const check = async (): Promise<void> => {
      const { backOff } = await gate.snapshot(keyFingerprint((await apiKeys.current()).value));
      if (backOff && options.isReadable?.() !== false) await gate.allowProbe('back_off');
    };
    return {
      process,
      clock,
      gate,
      submitter: createSubmitter(ports),
      createRun,
      eagerDrain: createEagerDrain((invocation) => drain(invocation, DRAIN.intake), clock),
      resolve: createResolve(ports),
      cancel: createCancel(ports),
      erase: createErase(ports),
    };
  };

  /** A function with a number of execution environments that are used in turn. */
  const startFunction = (timeoutMs: number, environments: number) => {
    const pool = Array.from({ length: environments }, startProcess);
    let turn = 0;
    return <Result>(
      work: (process: ReturnType<typeof startProcess>, invocation: Invocation) => Promise<Result>,
    ): Promise<Result | undefined> => {
      turn = (turn + 1) % environments;
      const idle = pool[turn];
      const environment = idle?.process.isAlive() ? idle : startProcess();
      pool[turn] = environment;
      invocations += 1;
      const invocation = { id: `invocation ${invocations}`, deadline: environment.clock() + timeoutMs };
      return invoke(environment.process, time, timeoutMs, () => work(environment, invocation));
    };
  };

  const api = startFunction(TIMEOUT_SECONDS.api * 1_000, 3);
  const intake = startFunction(TIMEOUT_SECONDS.intake * 1_000, MAX_BATCHES);
  const dispatch = startFunction(TIMEOUT_SECONDS.dispatch * 1_000, 2);

  const commandOf = (name: string, source: 'http' | 'queue') => ({
    source,
    caller: source,
    owner: source,
    request: { ...SAMPLE_REQUEST, appearance: name },
    idempotency: { namespace: source, key: name },
  });

  const receive = (
    names: readonly string[],
    onRecorded: (submissions: readonly (Submission | undefined)[]) => void = () => {},
  ): Promise<Drained | undefined> =>
    intake(async ({ submitter, eagerDrain, clock }, invocation) => {
      const times = arrivalTimes(names.length, clock());
      const submissions = await Promise.all(
        names.map((name, index) =>
          submitter
            .enqueue({ ...commandOf(name, 'queue'), arrivedAt: times[index] }, invocation)
            .catch(() => undefined),
        ),
      );
      onRecorded(submissions);
      return eagerDrain(invocation);
    });

  return {
    time,
    upstream,
    records: records.records,
    gateView: store.view,
    /** Slots that were released after an answer, but remain held as if the call were in flight. */
    unreleasedSlots,
    unrecorded,
    storeCalls,
    /** When the gate admitted the latest call for a request: milliseconds since the epoch. */
    admittedAt: (name: string): number | undefined => admittedAt.get(attemptFor.get(name) ?? ''),
    /** A caller requests an avatar and waits for the answer. */
    submit: (name: string): Promise<Submission | undefined> =>
      api(({ submitter }, invocation) => submitter.submit(commandOf(name, 'http'), invocation)),
    /** A batch of events requests avatars. Resolves when they are recorded; intake may still drain. */
    deliver: (names: readonly string[]): Promise<readonly (Submission | undefined)[]> =>
      new Promise((resolve) => {
        receive(names, resolve).then(() => resolve([]));
      }),
    /** Batches of events, as Lambda's poller passes them on: the next one when intake has ended. */
    deliverAll: async (batches: readonly (readonly string[])[]): Promise<void> => {
      const waiting = [...batches];
      const poll = async (): Promise<void> => {
        for (let batch = waiting.shift(); batch; batch = waiting.shift()) await receive(batch);
      };
      await Promise.all(Array.from({ length: MAX_BATCHES }, poll));
    },
    /** Queues requests, without an intake that drains. */
    enqueue: async (names: readonly string[]): Promise<void> => {
      for (const name of names) {
        await api(({ submitter }, invocation) => submitter.enqueue(commandOf(name, 'queue'), invocation));
      }
    },
    /** Runs a person's call, which may fail or time out. */
    operate: api,
    dispatch: (): Promise<Drained | undefined> =>
      dispatch(async ({ createRun }, invocation) => {
        const { sweep, check, drain, complete } = createRun();
        await Promise.all([check(), sweep(invocation)]);
        const [drained] = await Promise.all([drain(invocation, DRAIN.dispatch), complete(invocation)]);
        return drained;
      }),
  };
};

export type World = ReturnType<typeof createWorld>;
