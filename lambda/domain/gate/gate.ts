import { randomInt } from 'node:crypto';
import type { Clock } from '../ports.ts';
import type {
  AccountState,
  BackOff,
  Block,
  GateSettings,
  OwnedAttempt,
  Pause,
  SlotRelease,
  SlotRequest,
} from './account-rules.ts';
import {
  callsToday,
  decideAcquire,
  decideRelease,
  type GateView,
  type GateWrite,
  type Rejection,
  rejectionOf,
  slotsInUse,
} from './gate-rules.ts';

/** Holds the one gate item. Throws an UnreadableItem while that cannot be read, so that no call is admitted. */
export interface GateStore {
  /** A strongly consistent read. */
  read(): Promise<GateView>;
  /**
   * Writes the parts of a decision if all parts that it depends on are unchanged.
   * `view` is the item after the write or, in a conflict, the item as it is.
   */
  write(
    write: GateWrite,
    seen: GateView,
  ): Promise<{ readonly kind: 'written' | 'conflict'; readonly view: GateView }>;
}

/** A slot that an attempt holds. */
export interface AcquiredSlot {
  readonly slot: number;
  readonly acquiredAt: number;
  /** Whether the last call of all processes ended well. */
  readonly othersPass: boolean;
  /** Present with a limit for each caller: the slot is only for a request of this owner. */
  readonly counted?: OwnedAttempt | undefined;
}

export type Admission =
  | ({ readonly kind: 'admitted' } & AcquiredSlot)
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export interface AccountView {
  readonly slots: { readonly total: number; readonly inUse: number };
  readonly callsToday: number;
  readonly dailyCallLimit: number;
  /** Why any call is rejected now, apart from slots. */
  readonly rejection: Exclude<Rejection, { kind: 'rate_limited' | 'caller_limit_reached' }> | undefined;
  /** The block of this key's account, until a call disproves it: also while a probe is allowed. */
  readonly block: Block | undefined;
  /** Present while the gate backs off, also while a probe is allowed. */
  readonly backOff: BackOff | undefined;
}

/** The gate that every paid call passes, in any number of processes. */
export interface Gate {
  /** Requests a slot. One conditional write, if the item is unchanged since this process last saw it. */
  acquire(request: Omit<SlotRequest, 'now'>): Promise<Admission>;
  release(slot: Omit<SlotRelease, 'now'>): Promise<void>;
  snapshot(key: string): Promise<AccountView>;
  /** Allows the next probe: of a blocked account at once, of a back-off when its time has come. */
  allowProbe(of: 'block' | 'back_off'): Promise<void>;
  /** Pauses or resumes all paid calls. */
  pause(pause: { readonly by: string } | undefined): Promise<void>;
  /** Reads the item before the first request. */
  warmUp(): Promise<void>;
}

export interface GateOptions {
  readonly store: GateStore;
  readonly settings: GateSettings;
  readonly clock: Clock;
  /** Picks one of the free slots. @default at random */
  readonly choose?: (free: readonly number[]) => number;
}

/**
 * Conflicts after which a request backs off. Each means that another process succeeded, so this many are met only by
 * hundreds of concurrent requests.
 */
const MAX_TRIES = 100;

const BACK_OFF_MS = 1_000;

const atRandom = (free: readonly number[]): number => free[randomInt(free.length)] ?? 0;

export const createGate = ({ store, settings, clock, choose = atRandom }: GateOptions): Gate => {
  let seen: { readonly view: GateView; readonly at: number } | undefined;
  const remember = (view: GateView): GateView => {
    seen = { view, at: clock() };
    return view;
  };
  const fresh = async (): Promise<GateView> => remember(await store.read());
  /**
   * A view older than one window is unsafe: every slot may have been reused. Half a window is trusted; the rest covers
   * latency.
   */
  const recent = (): GateView | undefined =>
    seen && clock() - seen.at < settings.windowMs / 2 ? seen.view : undefined;

  /**
   * Repeats a decision until it is written, or there is nothing to write.
   *
   * @param suffices whether the cached view is new enough to decide on
   */
  const writeUntilStored = async (
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
    async acquire(request) {
      const known = recent();
      let view = known ?? (await fresh());
      let isFresh = known === undefined;
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const now = clock();
        const decision = decideAcquire(view, settings, { ...request, now }, choose);
        if (decision.kind === 'rejected') {
          // Re-read before rejecting: the cached view may be stale.
          if (isFresh) return { kind: 'rejected', rejection: decision.rejection };
          view = await fresh();
          isFresh = true;
          continue;
        }
        const result = await store.write(decision.write, view);
        view = remember(result.view);
        if (result.kind === 'written') {
          const { slot, othersPass } = decision;
          return { kind: 'admitted', slot, acquiredAt: now, othersPass };
        }
        isFresh = true;
      }
      return { kind: 'rejected', rejection: { kind: 'rate_limited', until: clock() + BACK_OFF_MS } };
    },

    async release(slot) {
      // The time of the answer, not of the write, which may be repeated.
      const now = clock();
      await writeUntilStored(
        (view) => decideRelease(view, settings, { ...slot, now }),
        // Answers may overtake each other: the cached view may predate this slot's acquisition.
        (view) => view.slots.get(slot.slot)?.holder === slot.attemptId,
      );
    },

    async snapshot(key) {
      const view = await fresh();
      const now = clock();
      const block = view.account?.block;
      return {
        slots: { total: settings.slots, inUse: slotsInUse(view, settings, now) },
        callsToday: callsToday(view, now),
        dailyCallLimit: settings.dailyCallLimit,
        rejection: rejectionOf(view, settings, { now, key }),
        block: block?.key === key ? block : undefined,
        backOff: view.account?.outage?.backOff,
      };
    },

    async allowProbe(of) {
      const now = clock();
      await writeUntilStored(({ account }) => {
        const next = of === 'block' ? withBlockProbe(account, now) : withBackOffProbe(account, now);
        return {
          slots: new Map(),
          ...(next && { account: next }),
          dependsOn: { slots: [], account: true },
        };
      });
    },

    async pause(pause) {
      const now = clock();
      const paused: Pause | undefined = pause && { since: now, by: pause.by };
      await writeUntilStored((view) => ({
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

const withBlockProbe = (account: AccountState | undefined, now: number): AccountState | undefined => {
  const block = account?.block;
  return block && block.probe === undefined && block.until > now
    ? { ...account, block: { ...block, until: now } }
    : undefined;
};

const withBackOffProbe = (account: AccountState | undefined, now: number): AccountState | undefined => {
  const outage = account?.outage;
  const backOff = outage?.backOff;
  // A probe under way is the better evidence, until its lease expires.
  return backOff && !backOff.isReadable && backOff.until <= now
    ? { ...account, outage: { ...outage, backOff: { ...backOff, isReadable: true, probe: undefined } } }
    : undefined;
};
