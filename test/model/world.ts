import { createDrain, type Drained, type DrainOptions } from '../../lambda/domain/drain.ts';
import { createGate, type Gate } from '../../lambda/domain/gatekeeper.ts';
import type { Invocation, SubmissionEvents } from '../../lambda/domain/paid-call.ts';
import type { AvatarRecord } from '../../lambda/domain/record.ts';
import { createSubmitter, type Submission } from '../../lambda/domain/submission.ts';
import { createSweep } from '../../lambda/domain/sweep.ts';
import type { RateSettings } from '../../local/simulator/settings.ts';
import { createInMemoryGateStore } from '../support/in-memory-gate-store.ts';
import { createInMemoryLedger } from '../support/in-memory-ledger.ts';
import { withOpenIndex } from '../support/open-index.ts';
import { AVATAR } from '../support/requests.ts';
import { createProcess, type Network } from './process.ts';
import { createRandomness } from './randomness.ts';
import { createUpstream, type Fate, nameOf } from './upstream.ts';
import { createVirtualTime } from './virtual-time.ts';

/** How long the functions may run, as they are deployed, in milliseconds. */
export const TIMEOUT_MS = { api: 29_000, intake: 60_000, dispatch: 120_000 } as const;

/** How the functions drain. */
export const DRAIN = {
  intake: { concurrency: 5, patient: false },
  dispatch: { concurrency: 20, patient: true },
} as const satisfies Record<string, DrainOptions>;

export const WINDOW_MS = 60_000;

export interface WorldOptions {
  readonly start: number;
  readonly seed: number;
  readonly slots: number;
  readonly dailyCallLimit: number;
  readonly window: RateSettings['window'];
  readonly network: Network;
  /** Milliseconds by which the index of open records is behind at most. */
  readonly indexLagMs: number;
  /** What becomes of the calls in the order in which they are made. */
  readonly nextFate: () => Fate;
  /** Steps that the processes live, in the order in which they are started. Those not named live on. */
  readonly lives?: readonly number[];
}

const SILENT: SubmissionEvents = { settled() {}, unrecorded() {}, slotNotReturned() {} };

/** The deployed service on a virtual clock: any number of processes around one store and one upstream. */
export const createWorld = (options: WorldOptions) => {
  const { slots, dailyCallLimit, network, lives = [] } = options;
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
  const upstream = createUpstream({ time, rate, nextFate: options.nextFate });
  const settings = { slots, windowMs: WINDOW_MS, dailyCallLimit };
  /** When the gate let in each attempt, by the attempt's id. */
  const admittedAt = new Map<string, number>();
  /** The attempt that claimed each request last, by the request's name. */
  const attemptFor = new Map<string, string>();
  const keptSlots: Parameters<Gate['giveBack']>[0][] = [];
  let processes = 0;
  let invocations = 0;

  /** A process, which a further one replaces when it has ended. */
  const startProcess = () => {
    const process = createProcess({
      time,
      random,
      network,
      life: lives[processes] ?? Number.POSITIVE_INFINITY,
    });
    processes += 1;
    const gate = createGate({
      store: process.gateStore(store),
      settings,
      clock: time.clock,
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
        async take(taker: Parameters<Gate['take']>[0]) {
          const admission = await gate.take(taker);
          if (admission.kind === 'admitted') admittedAt.set(taker.attemptId, admission.takenAt);
          return admission;
        },
        async giveBack(back: Parameters<Gate['giveBack']>[0]) {
          await gate.giveBack(back);
          const slot = store.view().slots.get(back.slot);
          const isKept = slot?.holder === back.attemptId && slot.until > time.clock() + WINDOW_MS;
          if (isKept && back.outcome.kind !== 'no_answer') keptSlots.push(back);
        },
      },
      paidApi: process.paidApi(upstream),
      apiKeys: {
        current: async () => ({ kind: 'present', value: 'key' }) as const,
        refreshed: async () => ({ kind: 'present', value: 'key' }) as const,
      },
      clock: time.clock,
      events: SILENT,
      wait: process.wait,
    };
    const sweep = createSweep({ ...ports, onLost: () => {} });
    return { process, submitter: createSubmitter(ports), drain: createDrain(ports), sweep };
  };

  /** Runs work in a process until it is done, fails, or the process has ended: then `undefined`. */
  const invoke = async <Result>(
    { process }: ReturnType<typeof startProcess>,
    timeoutMs: number,
    work: (invocation: Invocation) => Promise<Result>,
  ): Promise<Result | undefined> => {
    invocations += 1;
    const invocation = { id: `invocation ${invocations}`, deadline: time.clock() + timeoutMs };
    const outOfTime = async (): Promise<undefined> => {
      await time.wait(timeoutMs);
      return undefined;
    };
    let isDone = false;
    const done = work(invocation)
      .catch(() => undefined)
      .finally(() => {
        isDone = true;
      });
    const result = await Promise.race([done, outOfTime()]);
    if (!isDone) process.kill();
    return result;
  };

  /** A function with so many execution environments that are used in turn. */
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
      return invoke(environment, timeoutMs, (invocation) => work(environment, invocation));
    };
  };

  const api = startFunction(TIMEOUT_MS.api, 3);
  const intake = startFunction(TIMEOUT_MS.intake, 2);
  const dispatch = startFunction(TIMEOUT_MS.dispatch, 2);

  const ask = (name: string, source: 'http' | 'queue') => ({
    source,
    caller: source,
    request: { ...AVATAR, appearance: name },
    idempotency: { namespace: source, key: name },
  });

  return {
    time,
    upstream,
    records: records.records,
    gateView: store.view,
    /** Slots that were given back, and are held all the same as if their call were still on its way. */
    keptSlots,
    /** When the gate let in the latest call for a request: milliseconds since the epoch. */
    letInAt: (name: string): number | undefined => admittedAt.get(attemptFor.get(name) ?? ''),
    /** Somebody asks for an avatar and waits for the answer. */
    submit: (name: string): Promise<Submission | undefined> =>
      api(({ submitter }, invocation) => submitter.submit(ask(name, 'http'), invocation)),
    /** A batch of events asks for avatars. Resolves when they are recorded: intake may still drain. */
    deliver: (names: readonly string[]): Promise<readonly (Submission | undefined)[]> =>
      new Promise((resolve) => {
        intake(async ({ submitter, drain }, invocation) => {
          const submissions: (Submission | undefined)[] = [];
          for (const name of names) {
            submissions.push(await submitter.enqueue(ask(name, 'queue'), invocation).catch(() => undefined));
          }
          resolve(submissions);
          await drain(invocation, DRAIN.intake);
        }).then(() => resolve([]));
      }),
    dispatch: (): Promise<Drained | undefined> =>
      dispatch(async ({ sweep, drain }, invocation) => {
        await sweep(invocation);
        return drain(invocation, DRAIN.dispatch);
      }),
    /** A gate that sees everything at once. */
    gate: createGate({ store, settings, clock: time.clock }),
  };
};

export type World = ReturnType<typeof createWorld>;
