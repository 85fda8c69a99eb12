import { randomInt } from 'node:crypto';
import {
  type Block,
  type Closed,
  callsToday,
  decideReturn,
  decideTake,
  type GateSettings,
  type GateView,
  type GateWrite,
  type Pause,
  type Return,
  slotsInUse,
  type Taker,
  whyClosed,
} from './gate.ts';
import type { Clock } from './ports.ts';

/** Holds the one gate item. */
export interface GateStore {
  /** A consistent read. */
  read(): Promise<GateView>;
  /**
   * Writes the parts of a decision if all that it depends on is still as it was seen.
   * `view` is the item as it is after the write, or as it is instead.
   */
  write(
    write: GateWrite,
    seen: GateView,
  ): Promise<{ readonly kind: 'written' | 'conflict'; readonly view: GateView }>;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly slot: number; readonly takenAt: number }
  | { readonly kind: 'closed'; readonly why: Closed };

export interface AccountView {
  readonly slots: { readonly total: number; readonly inUse: number };
  readonly callsToday: number;
  readonly dailyCallLimit: number;
  /** Why nobody may call JoggAI now, slots aside. */
  readonly closed: Exclude<Closed, { kind: 'full' }> | undefined;
  /** Why JoggAI refused this key's account, until a call shows that it no longer does: also while a probe may go. */
  readonly block: Block | undefined;
}

/** The gate as everybody uses it: HTTP, direct invocation, intake and dispatch, in any number of processes. */
export interface Gate {
  /** Asks for a slot. One conditional write where the item is as last seen by this process. */
  take(taker: Omit<Taker, 'now'>): Promise<Admission>;
  giveBack(back: Omit<Return, 'now'>): Promise<void>;
  look(key: string): Promise<AccountView>;
  /** Lets the next probe of a blocked account go at once: there is reason to think that it goes through. */
  letProbe(): Promise<void>;
  /** Stops all paid calls, or lets them go on. */
  pause(pause: { readonly by: string } | undefined): Promise<void>;
  /** Reads the item ahead of the first request. */
  warmUp(): Promise<void>;
}

export interface GatekeeperOptions {
  readonly store: GateStore;
  readonly settings: GateSettings;
  readonly clock: Clock;
  /** Picks one of the free slots. @default at random */
  readonly choose?: (free: readonly number[]) => number;
}

/**
 * Conflicts after which a taker stands back. Each one means that somebody else got on, so this many are met only by
 * hundreds of takers at the same moment.
 */
const MOST_TRIES = 100;

const STAND_BACK_MS = 1_000;

const atRandom = (free: readonly number[]): number => free[randomInt(free.length)] ?? 0;

export const createGate = ({ store, settings, clock, choose = atRandom }: GatekeeperOptions): Gate => {
  let seen: { readonly view: GateView; readonly at: number } | undefined;
  const remember = (view: GateView): GateView => {
    seen = { view, at: clock() };
    return view;
  };
  const fresh = async (): Promise<GateView> => remember(await store.read());
  /**
   * What was seen a window ago says too little: each slot may have been used twice by the time at which a decision
   * is written. Half of it is for the way here and there.
   */
  const recent = (): GateView | undefined =>
    seen && clock() - seen.at < settings.windowMs / 2 ? seen.view : undefined;

  /**
   * Decides on what is there until a decision can be written, or there is nothing to write.
   *
   * @param suffices whether what this process saw last is new enough to decide on
   */
  const settle = async (
    decide: (view: GateView) => GateWrite,
    suffices: (view: GateView) => boolean = () => true,
  ): Promise<void> => {
    const known = recent();
    let view = known && suffices(known) ? known : await fresh();
    for (;;) {
      const write = decide(view);
      if (write.slots.size === 0 && write.account === undefined) return;
      const result = await store.write(write, view);
      view = remember(result.view);
      if (result.kind === 'written') return;
    }
  };

  return {
    async take(taker) {
      const known = recent();
      let view = known ?? (await fresh());
      let isFresh = known === undefined;
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const now = clock();
        const decision = decideTake(view, settings, { ...taker, now }, choose);
        if (decision.kind === 'closed') {
          // Nobody is turned away on hearsay.
          if (isFresh) return { kind: 'closed', why: decision.why };
          view = await fresh();
          isFresh = true;
          continue;
        }
        const result = await store.write(decision.write, view);
        view = remember(result.view);
        if (result.kind === 'written') return { kind: 'admitted', slot: decision.slot, takenAt: now };
        isFresh = true;
      }
      return { kind: 'closed', why: { kind: 'full', until: clock() + STAND_BACK_MS } };
    },

    async giveBack(back) {
      // The moment of the answer, not of the write that may have to be repeated.
      const now = clock();
      await settle(
        (view) => decideReturn(view, settings, { ...back, now }),
        // Answers overtake each other: what was seen last may be from before this slot was taken.
        (view) => view.slots.get(back.slot)?.holder === back.attemptId,
      );
    },

    async look(key) {
      const view = await fresh();
      const now = clock();
      const block = view.account?.block;
      return {
        slots: { total: settings.slots, inUse: slotsInUse(view, settings, now) },
        callsToday: callsToday(view, now),
        dailyCallLimit: settings.dailyCallLimit,
        closed: whyClosed(view, settings, { now, key }),
        block: block?.key === key ? block : undefined,
      };
    },

    async letProbe() {
      const now = clock();
      await settle(({ account }) => {
        const block = account?.block;
        const isWaiting = block !== undefined && block.probe === undefined && block.until > now;
        return {
          slots: new Map(),
          ...(isWaiting && { account: { ...account, block: { ...block, until: now } } }),
          dependsOn: { slots: [], account: true },
        };
      });
    },

    async pause(pause) {
      const now = clock();
      const paused: Pause | undefined = pause && { since: now, by: pause.by };
      await settle((view) => ({
        slots: new Map(),
        account: { ...view.account, pause: paused },
        dependsOn: { slots: [], account: true },
      }));
    },

    async warmUp() {
      await fresh();
    },
  };
};
