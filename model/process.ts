import type { GateStore } from '../lambda/domain/gate/gate.ts';
import type { AllOpenRecords, Ledger, OpenRecords, PaidApi } from '../lambda/domain/ports.ts';
import { between, type Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The network between a process and the store. */
export interface Network {
  /** Usual one-way latency, in milliseconds. */
  readonly usualMs: readonly [min: number, max: number];
  /** Slow one-way latency, in milliseconds. */
  readonly slowMs: readonly [min: number, max: number];
  /** Share of slow messages. */
  readonly slowShare: number;
  /** Share of round trips that lose the request or the answer. */
  readonly lossShare: number;
}

/** Time limit of a round trip to the store, in milliseconds. */
const ROUND_TRIP_TIMEOUT_MS = 6_000;

/** What a process reads and writes of the ledger. */
type StoredRecords = Ledger & OpenRecords & AllOpenRecords;

export interface Process {
  isAlive(): boolean;
  /** Ends the process: its awaited calls never resolve. What it sent still arrives. */
  kill(): void;
  /** Runs a call of this process to a remote system. */
  remote<Result>(work: () => Promise<Result>): Promise<Result>;
  readonly ledger: (ledger: StoredRecords) => StoredRecords;
  readonly gateStore: (store: GateStore) => GateStore;
  readonly paidApi: (api: PaidApi) => PaidApi;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Each is one call to DynamoDB. */
export type StoreCall = keyof StoredRecords | 'gate read' | 'gate write';

export interface ProcessOptions {
  readonly time: Pick<VirtualTime, 'wait'>;
  readonly random: Randomness;
  readonly network: Network;
  /** Starts and ends of awaited calls after which the process ends. */
  readonly maxSteps: number;
  /** Called with the name of each call to the store. */
  readonly onStoreCall?: (name: StoreCall) => void;
}

/** A process that reaches all other systems over a network, and that can end at any `await`. */
export const createProcess = ({ time, random, network, maxSteps, onStoreCall }: ProcessOptions): Process => {
  let isAlive = true;
  let steps = 0;
  const step = (): Promise<void> => {
    steps += 1;
    if (steps > maxSteps) isAlive = false;
    return isAlive ? Promise.resolve() : new Promise(() => {});
  };

  const remote = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await step();
    try {
      return await work();
    } finally {
      await step();
    }
  };

  const oneWay = (): Promise<void> =>
    time.wait(between(random, ...(random() < network.slowShare ? network.slowMs : network.usualMs)));

  const roundTrip = <Result>(name: StoreCall, effect: () => Promise<Result>): Promise<Result> =>
    remote(async () => {
      onStoreCall?.(name);
      const isLost = random() < network.lossShare;
      const lose = async (): Promise<never> => {
        await time.wait(ROUND_TRIP_TIMEOUT_MS);
        throw new Error('The store did not answer.');
      };
      if (isLost && random() < 0.5) return lose();
      await oneWay();
      const result = await effect();
      if (isLost) return lose();
      await oneWay();
      return result;
    });

  return {
    isAlive: () => isAlive,
    kill: () => {
      isAlive = false;
    },
    remote,
    ledger: (ledger) => ({
      create: (record) => roundTrip('create', () => ledger.create(record)),
      replace: (next) => roundTrip('replace', () => ledger.replace(next)),
      get: (id) => roundTrip('get', () => ledger.get(id)),
      due: (state, query) => roundTrip('due', () => ledger.due(state, query)),
      allOpen: (limit) => roundTrip('allOpen', () => ledger.allOpen(limit)),
    }),
    gateStore: (store) => ({
      read: () => roundTrip('gate read', () => store.read()),
      write: (write, seen) => roundTrip('gate write', () => store.write(write, seen)),
    }),
    paidApi: (api) => ({
      ...api,
      generate: (request, options) => remote(() => api.generate(request, options)),
    }),
    wait: (milliseconds) => remote(() => time.wait(milliseconds)),
  };
};

/** Runs work in a process, which ends if the work times out. Resolves to `undefined` if the work fails or times out. */
export const invoke = async <Result>(
  process: Pick<Process, 'kill'>,
  time: Pick<VirtualTime, 'wait'>,
  timeoutMs: number,
  work: () => Promise<Result>,
): Promise<Result | undefined> => {
  const outOfTime = async (): Promise<undefined> => {
    await time.wait(timeoutMs);
    return undefined;
  };
  let isDone = false;
  const done = work()
    .catch(() => undefined)
    .finally(() => {
      isDone = true;
    });
  const result = await Promise.race([done, outOfTime()]);
  if (!isDone) process.kill();
  return result;
};
