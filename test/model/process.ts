import type { GateStore } from '../../lambda/domain/gatekeeper.ts';
import type { Ledger, OpenRecords, PaidApi } from '../../lambda/domain/ports.ts';
import { between, type Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The way between a process and the store. */
export interface Network {
  /** Milliseconds for one way, as a rule. */
  readonly usualMs: readonly [least: number, most: number];
  /** Milliseconds for one way, at times. */
  readonly slowMs: readonly [least: number, most: number];
  readonly slowShare: number;
  /** Share of round trips of which the request or the answer gets lost for good. */
  readonly lossShare: number;
}

/** Milliseconds after which a process gives a round trip up. */
const PATIENCE_MS = 6_000;

export interface Process {
  isAlive(): boolean;
  /** Ends it: whatever it waits for never comes, and whatever it sent goes its way. */
  kill(): void;
  /** Work of this process on something outside of it. */
  outside<Result>(work: () => Promise<Result>): Promise<Result>;
  readonly ledger: (ledger: Ledger & OpenRecords) => Ledger & OpenRecords;
  readonly gateStore: (store: GateStore) => GateStore;
  readonly paidApi: (api: PaidApi) => PaidApi;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface ProcessOptions {
  readonly time: Pick<VirtualTime, 'wait'>;
  readonly random: Randomness;
  readonly network: Network;
  /** Beginnings and ends of awaited calls that it lives to see. */
  readonly life: number;
}

/** A process that reaches everything over a network, and that can end at any `await`. */
export const createProcess = ({ time, random, network, life }: ProcessOptions): Process => {
  let isAlive = true;
  let steps = 0;
  const step = (): Promise<void> => {
    steps += 1;
    if (steps > life) isAlive = false;
    return isAlive ? Promise.resolve() : new Promise(() => {});
  };

  const outside = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await step();
    try {
      return await work();
    } finally {
      await step();
    }
  };

  const travel = (): Promise<void> =>
    time.wait(between(random, ...(random() < network.slowShare ? network.slowMs : network.usualMs)));

  const roundTrip = <Result>(effect: () => Promise<Result>): Promise<Result> =>
    outside(async () => {
      const isLost = random() < network.lossShare;
      const lost = async (): Promise<never> => {
        await time.wait(PATIENCE_MS);
        throw new Error('The store did not answer.');
      };
      if (isLost && random() < 0.5) return lost();
      await travel();
      const result = await effect();
      if (isLost) return lost();
      await travel();
      return result;
    });

  return {
    isAlive: () => isAlive,
    kill: () => {
      isAlive = false;
    },
    outside,
    ledger: (ledger) => ({
      create: (record) => roundTrip(() => ledger.create(record)),
      replace: (next) => roundTrip(() => ledger.replace(next)),
      get: (id) => roundTrip(() => ledger.get(id)),
      due: (state, query) => roundTrip(() => ledger.due(state, query)),
    }),
    gateStore: (store) => ({
      read: () => roundTrip(() => store.read()),
      write: (write, seen) => roundTrip(() => store.write(write, seen)),
    }),
    paidApi: (api) => ({ generate: (request, options) => outside(() => api.generate(request, options)) }),
    wait: (milliseconds) => outside(() => time.wait(milliseconds)),
  };
};
