import type { Outcome, Refusal } from './outcome.ts';

/**
 * The gate before the paid call: the account's rate, its purse and its state. All of it is decided here, by pure
 * functions over what was last seen of the one gate item; `dependsOn` names the parts that a decision rests
 * on, and the store writes it only if these parts are still as they were seen.
 *
 * The rate is kept by N slots. A slot is taken before the call and is free again one window after the call's
 * answer. What JoggAI counts is the arrival, which lies between the two, so that no window of JoggAI's, fixed or
 * sliding, ever sees more than N calls, however long a call is on its way.
 */
export interface GateSettings {
  /** N: calls that JoggAI takes in one window. */
  readonly slots: number;
  /** JoggAI's window, in milliseconds. */
  readonly windowMs: number;
  /** Most paid calls a day (UTC). */
  readonly dailyCallLimit: number;
}

export interface Slot {
  /** Milliseconds since the epoch at which it is free again. */
  readonly until: number;
  /** The attempt that took it last. */
  readonly holder: string;
  /** Paid calls made through this slot on `day`. */
  readonly calls: number;
  /** UTC date, as 2026-11-22. */
  readonly day: string;
}

/** Refusals that concern the account and not the one request. */
export type BlockReason = Exclude<Refusal, 'invalid_parameters'>;

export interface Block {
  readonly reason: BlockReason;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When the next probe may go: milliseconds since the epoch. */
  readonly until: number;
  /** Probes that were refused. */
  readonly refusedProbes: number;
  /** The attempt that is on its way as the probe. */
  readonly probe?: string | undefined;
  /** Fingerprint of the API key that was refused. */
  readonly key: string;
}

export interface Pause {
  readonly since: number;
  readonly by: string;
}

export interface AccountState {
  readonly block?: Block | undefined;
  readonly pause?: Pause | undefined;
  /** JoggAI asked for patience, or could not be reached: nobody calls before this time. */
  readonly waitUntil?: number | undefined;
}

/** The gate item as last seen. `rev` changes with every write of a part. */
export interface GateView {
  readonly slots: ReadonlyMap<number, Slot & { readonly rev: string }>;
  readonly account: (AccountState & { readonly rev: string }) | undefined;
}

export const EMPTY_GATE: GateView = { slots: new Map(), account: undefined };

/** Parts to be written together, if everything that the decision depends on is still as it was seen. */
export interface GateWrite {
  readonly slots: ReadonlyMap<number, Slot>;
  readonly account?: AccountState | undefined;
  readonly dependsOn: { readonly slots: readonly number[]; readonly account: boolean };
}

/** Why nobody may call JoggAI now. `until`: milliseconds since the epoch at which asking again makes sense. */
export type Closed =
  | { readonly kind: 'full'; readonly until: number }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'blocked'; readonly reason: BlockReason; readonly since: number; readonly until: number }
  | { readonly kind: 'paused'; readonly since: number; readonly by: string }
  | { readonly kind: 'spent'; readonly limit: number; readonly until: number };

export interface Taker {
  /** Id of the attempt. */
  readonly attemptId: string;
  readonly now: number;
  /** When the attempt is certainly over, answer or not. */
  readonly leaseUntil: number;
  /** Fingerprint of the API key that the call would use. */
  readonly key: string;
}

export type TakeDecision =
  | { readonly kind: 'closed'; readonly why: Closed }
  | { readonly kind: 'open'; readonly slot: number; readonly write: GateWrite };

/** The longest time between two probes of a blocked account, in windows. The first is one window, then it doubles. */
const LONGEST_BLOCK_WINDOWS = 15;
const DAY_MS = 24 * 60 * 60_000;

/** How long nobody calls after JoggAI could not be reached, in windows. */
const UNREACHABLE_WINDOWS = 1 / 6;

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** Paid calls made today, those on their way included. */
export const callsToday = (view: GateView, now: number): number =>
  [...view.slots.values()].reduce((sum, slot) => sum + (slot.day === dayOf(now) ? slot.calls : 0), 0);

/** Slots that are taken, or were until less than a window ago. */
export const slotsInUse = (view: GateView, settings: GateSettings, now: number): number =>
  settings.slots - freeSlots(view, settings, now).length;

const indexes = ({ slots }: GateSettings): number[] => Array.from({ length: slots }, (_, index) => index);

const freeSlots = (view: GateView, settings: GateSettings, now: number): number[] =>
  indexes(settings).filter((index) => (view.slots.get(index)?.until ?? 0) <= now);

/** What stands in the way of any call, slots aside. A block whose time is over stands in nobody's way. */
export const whyClosed = (view: GateView, settings: GateSettings, taker: Pick<Taker, 'now' | 'key'>) => {
  const { now, key } = taker;
  const { pause, block, waitUntil } = view.account ?? {};
  if (pause) return { kind: 'paused', ...pause } as const satisfies Closed;
  if (block && block.until > now && block.key === key) {
    const { reason, since, until } = block;
    return { kind: 'blocked', reason, since, until } as const satisfies Closed;
  }
  if (callsToday(view, now) >= settings.dailyCallLimit) {
    const until = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
    return { kind: 'spent', limit: settings.dailyCallLimit, until } as const satisfies Closed;
  }
  if (waitUntil !== undefined && waitUntil > now) {
    return { kind: 'waiting', until: waitUntil } as const satisfies Closed;
  }
  return undefined;
};

/**
 * Decides whether an attempt may call JoggAI now.
 *
 * @param choose picks one of the free slots; at random, so that concurrent takers rarely meet
 */
export const decideTake = (
  view: GateView,
  settings: GateSettings,
  taker: Taker,
  choose: (free: readonly number[]) => number,
): TakeDecision => {
  const { now, leaseUntil, attemptId } = taker;
  const why = whyClosed(view, settings, taker);
  if (why) return { kind: 'closed', why };

  const free = freeSlots(view, settings, now);
  if (free.length === 0) {
    const until = Math.min(...indexes(settings).map((index) => view.slots.get(index)?.until ?? now));
    return { kind: 'closed', why: { kind: 'full', until } };
  }
  const index = choose(free);
  const seen = view.slots.get(index);
  const day = dayOf(now);
  const slot: Slot = {
    until: leaseUntil + settings.windowMs,
    holder: attemptId,
    calls: (seen?.day === day ? seen.calls : 0) + 1,
    day,
  };
  // As long as all slots together cannot overspend, only the taken one matters; near the limit, all of them do.
  const nearLimit = callsToday(view, now) + settings.slots > settings.dailyCallLimit;
  return {
    kind: 'open',
    slot: index,
    write: {
      slots: new Map([[index, slot]]),
      ...asProbe(view.account, taker),
      dependsOn: { slots: nearLimit ? indexes(settings) : [index], account: true },
    },
  };
};

/** Whoever passes a block does it alone: as its probe, or with another key, which opens the gate. */
const asProbe = (account: AccountState | undefined, taker: Taker): Pick<GateWrite, 'account'> => {
  if (!account?.block) return {};
  const { block, ...rest } = account;
  if (block.key !== taker.key) return { account: rest };
  return { account: { ...rest, block: { ...block, until: taker.leaseUntil, probe: taker.attemptId } } };
};

/** What became of a taken slot. */
export interface Return {
  readonly attemptId: string;
  readonly slot: number;
  readonly now: number;
  /** When the slot was taken: milliseconds since the epoch. */
  readonly takenAt: number;
  readonly key: string;
  /** `unused`: JoggAI was not called after all. */
  readonly outcome: Outcome | { readonly kind: 'unused' };
}

/** Decides how a slot is given back, and what its outcome says about the account. */
export const decideReturn = (view: GateView, settings: GateSettings, back: Return): GateWrite => {
  const seen = view.slots.get(back.slot);
  const account = accountAfter(view.account ?? {}, settings, back);
  const slots = new Map<number, Slot>();
  if (seen?.holder === back.attemptId) slots.set(back.slot, slotAfter(seen, settings, back));
  return {
    slots,
    ...(account === undefined ? {} : { account }),
    dependsOn: { slots: [...slots.keys()], account: account !== undefined },
  };
};

const slotAfter = (slot: Slot, { windowMs }: GateSettings, { now, outcome }: Return): Slot => {
  switch (outcome.kind) {
    case 'unused':
    case 'not_sent':
      return { ...slot, until: now, calls: slot.calls - 1 };
    case 'refused':
    case 'rate_limited':
    case 'turned_away':
      return { ...slot, until: now + windowMs, calls: slot.calls - 1 };
    case 'accepted':
    case 'failed':
      return { ...slot, until: now + windowMs };
    case 'no_answer':
      // It may still be on its way: the slot stays taken for a window after the lease, as it was taken.
      return slot;
    default:
      return outcome satisfies never;
  }
};

const accountAfter = (
  account: AccountState,
  settings: GateSettings,
  back: Return,
): AccountState | undefined => {
  const { outcome, now, takenAt } = back;
  const { block, ...open } = account;
  const isProbe = block?.probe === back.attemptId;
  switch (outcome.kind) {
    case 'accepted':
      // A call that was sent before the block began proves nothing about it.
      return block && (isProbe || takenAt > block.since) ? open : undefined;
    case 'refused':
      if (outcome.reason === 'invalid_parameters') return isProbe ? open : undefined;
      if (block && !isProbe && block.key === back.key) return undefined;
      return { ...open, block: blockAfter(outcome.reason, isProbe ? block : undefined, settings, back) };
    case 'rate_limited':
      return afterProbe(
        { ...account, waitUntil: later(account.waitUntil, now + outcome.retryAfterSeconds * 1_000) },
        settings,
        back,
      );
    case 'not_sent':
      return afterProbe(
        { ...account, waitUntil: later(account.waitUntil, now + settings.windowMs * UNREACHABLE_WINDOWS) },
        settings,
        back,
      );
    case 'unused':
    case 'failed':
    case 'turned_away':
    case 'no_answer':
      return isProbe ? afterProbe(account, settings, back) : undefined;
    default:
      return outcome satisfies never;
  }
};

const later = (a: number | undefined, b: number): number => Math.max(a ?? 0, b);

const blockAfter = (
  reason: BlockReason,
  probed: Block | undefined,
  settings: GateSettings,
  { now, key }: Return,
): Block => {
  const refusedProbes = probed ? probed.refusedProbes + 1 : 0;
  const until = now + blockMs(refusedProbes, settings);
  return { reason, since: probed?.since ?? now, until, refusedProbes, key };
};

/** A probe that proved nothing: the block stays, and the next probe may go soon. */
const afterProbe = (
  account: AccountState,
  settings: GateSettings,
  { attemptId, now, outcome }: Return,
): AccountState => {
  const { block } = account;
  if (block?.probe !== attemptId) return account;
  const until = outcome.kind === 'unused' ? now : now + blockMs(block.refusedProbes, settings);
  return { ...account, block: { ...block, until, probe: undefined } };
};

const blockMs = (refusedProbes: number, { windowMs }: GateSettings): number =>
  windowMs * Math.min(2 ** refusedProbes, LONGEST_BLOCK_WINDOWS);
