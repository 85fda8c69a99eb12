import type { BlockReason } from '../outcome.ts';
import {
  type AccountState,
  accountAfter,
  asProbe,
  type GateSettings,
  type SlotRelease,
  type SlotRequest,
  UNREACHABLE_WINDOWS,
} from './account-rules.ts';

/**
 * The gate before the paid call: the account's rate, its budget and its state. Pure functions decide over a view of
 * the one gate item. `dependsOn` names the parts that a decision used, or the whole item, and the store writes it only
 * if these are unchanged.
 *
 * N slots keep the rate. A slot is acquired before the call and is free again one window after the answer. JoggAI
 * counts the arrival, which lies between the two. No window of JoggAI's, fixed or sliding, can therefore see more
 * than N calls, however long a call takes.
 */

export interface Slot {
  /** When it is free again: milliseconds since the epoch. */
  readonly until: number;
  /** The attempt that acquired it last. */
  readonly holder: string;
  /** Paid calls made through this slot on `day`. */
  readonly calls: number;
  /** UTC date, as 2026-11-22. */
  readonly day: string;
}

/** The gate item as last read. The `rev` of a part changes with every write of the part, that of the item with any write. */
export interface GateView {
  /** Absent before the first write. */
  readonly rev?: string | undefined;
  readonly slots: ReadonlyMap<number, Slot & { readonly rev: string }>;
  readonly account: (AccountState & { readonly rev: string }) | undefined;
}

export const EMPTY_GATE: GateView = { slots: new Map(), account: undefined };

/** Parts to be written together, if all that the decision depends on is unchanged. */
export interface GateWrite {
  readonly slots: ReadonlyMap<number, Slot>;
  readonly account?: AccountState | undefined;
  readonly dependsOn: { readonly slots: readonly number[]; readonly account: boolean } | 'item';
}

/** Why the gate admits no call now. `until`: when to ask again, in milliseconds since the epoch. */
export type Rejection =
  /** `awaitsAnswer`: there is a slot, but not for a cautious request. */
  | { readonly kind: 'rate_limited'; readonly until: number; readonly awaitsAnswer?: true }
  /** `since`: JoggAI gave too many bad answers. Without it: JoggAI answered 429 or could not be reached. */
  | { readonly kind: 'backing_off'; readonly until: number; readonly since?: number }
  | { readonly kind: 'blocked'; readonly reason: BlockReason; readonly since: number; readonly until: number }
  | { readonly kind: 'paused'; readonly since: number; readonly by: string }
  | { readonly kind: 'daily_limit_reached'; readonly limit: number; readonly until: number }
  /** Of this caller alone. */
  | { readonly kind: 'caller_limit_reached'; readonly limit: number; readonly until: number };

/** The gate admits calls again soon, without a person: a request waits. */
export const endsSoon = (
  rejection: Rejection,
): rejection is Extract<Rejection, { kind: 'rate_limited' | 'backing_off' }> =>
  rejection.kind === 'rate_limited' || rejection.kind === 'backing_off';

/** The account takes no calls for now: a caller who waits is rejected. */
export type LastingRejection = Exclude<Rejection, { kind: 'rate_limited' | 'backing_off' }>;

export type AcquireDecision =
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | {
      readonly kind: 'admitted';
      readonly slot: number;
      /** Whether the last call of all processes ended well. */
      readonly othersPass: boolean;
      readonly write: GateWrite;
    };

export const DAY_MS = 24 * 60 * 60_000;

/** The day (UTC) as 2026-11-22. */
export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** The start of the next day (UTC): milliseconds since the epoch. */
export const nextMidnight = (now: number): number => (Math.floor(now / DAY_MS) + 1) * DAY_MS;

/** Paid calls of today, including those in flight. */
export const callsToday = (view: GateView, now: number): number =>
  [...view.slots.values()].reduce((sum, slot) => sum + (slot.day === dayOf(now) ? slot.calls : 0), 0);

/** Slots that are held, or were released less than a window ago. */
export const slotsInUse = (view: GateView, settings: GateSettings, now: number): number =>
  settings.slots - freeSlots(view, settings, now).length;

const indexes = ({ slots }: GateSettings): number[] => Array.from({ length: slots }, (_, index) => index);

const freeSlots = (view: GateView, settings: GateSettings, now: number): number[] =>
  indexes(settings).filter((index) => (view.slots.get(index)?.until ?? 0) <= now);

/** Time for which an answer shows that JoggAI works, in windows. */
const ANSWER_COUNTS_WINDOWS = 1 / 3;

/** From one cautious request to the next, in milliseconds. */
const CAUTION_MS = 1_000;

/** Whether calls are in flight, and JoggAI has not answered lately, or not well. */
const isUncertain = ({ slots, account }: GateView, { windowMs }: GateSettings, now: number): boolean => {
  // Of a call in flight it is the end of its lease, of all others the time of the answer.
  const ends = [...slots.values()].map(({ until }) => until - windowMs);
  const hasAnswered = ends.some((end) => end <= now && end > now - windowMs * ANSWER_COUNTS_WINDOWS);
  return ends.some((end) => end > now) && !(hasAnswered && account?.outage === undefined);
};

/** Why any call is rejected, apart from slots. An expired block no longer rejects calls. */
export const rejectionOf = (
  view: GateView,
  settings: GateSettings,
  request: Pick<SlotRequest, 'now' | 'key'>,
) => {
  const { now, key } = request;
  const { pause, block, waitUntil, outage } = view.account ?? {};
  if (pause) return { kind: 'paused', ...pause } as const satisfies Rejection;
  if (block && block.until > now && block.key === key) {
    const { reason, since, until } = block;
    return { kind: 'blocked', reason, since, until } as const satisfies Rejection;
  }
  if (callsToday(view, now) >= settings.dailyCallLimit) {
    return {
      kind: 'daily_limit_reached',
      limit: settings.dailyCallLimit,
      until: nextMidnight(now),
    } as const satisfies Rejection;
  }
  const backOff = outage?.backOff;
  if (backOff && !(backOff.isReadable && backOff.until <= now)) {
    const { since } = backOff;
    const until = Math.max(backOff.until, now + settings.windowMs * UNREACHABLE_WINDOWS);
    return { kind: 'backing_off', since, until } as const satisfies Rejection;
  }
  if (waitUntil !== undefined && waitUntil > now) {
    return { kind: 'backing_off', until: waitUntil } as const satisfies Rejection;
  }
  return undefined;
};

/**
 * Decides whether an attempt may call JoggAI now.
 *
 * @param choose picks one of the free slots; at random, so that concurrent requests rarely conflict
 */
export const decideAcquire = (
  view: GateView,
  settings: GateSettings,
  request: SlotRequest,
  choose: (free: readonly number[]) => number,
): AcquireDecision => {
  const { now, leaseUntil, attemptId } = request;
  const rejection = rejectionOf(view, settings, request);
  if (rejection) return { kind: 'rejected', rejection };

  const free = freeSlots(view, settings, now);
  if (free.length === 0) {
    const until = Math.min(...indexes(settings).map((index) => view.slots.get(index)?.until ?? now));
    return { kind: 'rejected', rejection: { kind: 'rate_limited', until } };
  }
  const isCautious = request.isCautious ?? false;
  if (isCautious && isUncertain(view, settings, now)) {
    return {
      kind: 'rejected',
      rejection: { kind: 'rate_limited', until: now + CAUTION_MS, awaitsAnswer: true },
    };
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
  // Far from the daily limit a write depends only on its own slot; within N calls of the limit it depends on all slots. Then
  // it names the item, because a condition on up to 1,000 slots would exceed DynamoDB's limit of 4 KB for an expression.
  const nearLimit = callsToday(view, now) + settings.slots > settings.dailyCallLimit;
  return {
    kind: 'admitted',
    slot: index,
    othersPass: (view.account?.outage?.badOutcomes ?? 0) === 0,
    write: {
      slots: new Map([[index, slot]]),
      ...asProbe(view.account, request),
      dependsOn: nearLimit || isCautious ? 'item' : { slots: [index], account: true },
    },
  };
};

/** Decides when a released slot is free again, and what its outcome says about the account. */
export const decideRelease = (view: GateView, settings: GateSettings, release: SlotRelease): GateWrite => {
  const seen = view.slots.get(release.slot);
  const account = accountAfter(view.account ?? {}, settings, release);
  const slots = new Map<number, Slot>();
  if (seen?.holder === release.attemptId) slots.set(release.slot, slotAfter(seen, settings, release));
  return {
    slots,
    ...(account === undefined ? {} : { account }),
    dependsOn: { slots: [...slots.keys()], account: account !== undefined },
  };
};

const slotAfter = (slot: Slot, { windowMs }: GateSettings, { now, outcome }: SlotRelease): Slot => {
  switch (outcome.kind) {
    case 'unused':
    case 'not_sent':
      return { ...slot, until: now, calls: slot.calls - 1 };
    case 'refused':
    case 'rate_limited':
    case 'http_rejected':
      return { ...slot, until: now + windowMs, calls: slot.calls - 1 };
    case 'accepted':
    case 'failed':
      return { ...slot, until: now + windowMs };
    case 'no_answer':
      // The call may still arrive: the slot stays held until one window after the lease.
      return slot;
    default:
      return outcome satisfies never;
  }
};
