import { type BlockReason, healthOf, type Outcome } from '../outcome.ts';

/** The limits of the account. */
export interface GateSettings {
  /** N: calls that JoggAI accepts in one window. */
  readonly slots: number;
  /** JoggAI's window, in milliseconds. */
  readonly windowMs: number;
  /** Maximum of paid calls a day (UTC). */
  readonly dailyCallLimit: number;
}

export interface Block {
  readonly reason: BlockReason;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When the next probe may be sent: milliseconds since the epoch. */
  readonly until: number;
  /** Number of refused probes. */
  readonly refusedProbes: number;
  /** The attempt that is the probe under way. */
  readonly probe?: string | undefined;
  /** Fingerprint of the API key that was refused. */
  readonly key: string;
}

/** Bad outcomes of calls, over all processes. */
export interface Outage {
  /** Bad outcomes in a row. */
  readonly badOutcomes: number;
  /** Present after too many of them. */
  readonly backOff?: BackOff | undefined;
}

/** No calls but one probe at a time, each after a free read that JoggAI answered. */
export interface BackOff {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When a free read may allow the next probe: milliseconds since the epoch. */
  readonly until: number;
  /** Number of failed probes. */
  readonly failedProbes: number;
  /** Whether JoggAI answered a free read after `until`. */
  readonly isReadable: boolean;
  /** The attempt that is the probe under way. */
  readonly probe?: string | undefined;
}

export interface Pause {
  readonly since: number;
  readonly by: string;
}

export interface AccountState {
  readonly block?: Block | undefined;
  readonly pause?: Pause | undefined;
  /** No calls before this time: JoggAI answered 429 or could not be reached. */
  readonly waitUntil?: number | undefined;
  readonly outage?: Outage | undefined;
}

export interface SlotRequest {
  /** Id of the attempt. */
  readonly attemptId: string;
  readonly now: number;
  /** When the attempt has certainly ended, with or without an answer. */
  readonly leaseUntil: number;
  /** Fingerprint of the API key that the call would use. */
  readonly key: string;
  /**
   * Rejected while other calls are in flight and JoggAI has not answered lately, or not well: they may be the first of
   * an outage.
   */
  readonly isCautious?: boolean | undefined;
  /** Whose request it is. Counts only with a limit for each caller. */
  readonly owner?: string | undefined;
}

/** An attempt that counts towards the limit of its owner. */
export interface OwnedAttempt {
  readonly owner: string;
  readonly attemptId: string;
  /** The day (UTC) as 2026-11-22. */
  readonly day: string;
}

/** A slot and how its call ended. */
export interface SlotRelease {
  readonly attemptId: string;
  readonly slot: number;
  readonly now: number;
  /** When the slot was acquired: milliseconds since the epoch. */
  readonly acquiredAt: number;
  readonly key: string;
  /** As acquired. */
  readonly counted?: OwnedAttempt | undefined;
  /** `unused`: JoggAI was not called. */
  readonly outcome: Outcome | { readonly kind: 'unused' };
}

/** Maximum time between two probes of a blocked account or of an outage, in windows. It starts at one and doubles. */
const MAX_PROBE_WINDOWS = 15;

/** Bad outcomes in a row after which the gate backs off. */
const MAX_BAD_OUTCOMES = 3;

/** Time without calls after JoggAI could not be reached, in windows. */
export const UNREACHABLE_WINDOWS = 1 / 6;

/**
 * An expired block admits one call, its probe, and so does a back-off that JoggAI's free read disproved. A call with
 * another key ends the block.
 */
export const asProbe = (
  account: AccountState | undefined,
  request: SlotRequest,
): { readonly account?: AccountState } => {
  if (!account?.block && !account?.outage?.backOff) return {};
  const { block, outage, ...rest } = account;
  const backOff = outage?.backOff;
  const { leaseUntil: until, attemptId: probe } = request;
  return {
    account: {
      ...rest,
      ...(block?.key === request.key && { block: { ...block, until, probe } }),
      ...(outage && {
        outage: { ...outage, ...(backOff && { backOff: { ...backOff, until, isReadable: false, probe } }) },
      }),
    },
  };
};

/** What the outcome of a call says about the account. `undefined`: nothing new. */
export const accountAfter = (
  account: AccountState,
  settings: GateSettings,
  release: SlotRelease,
): AccountState | undefined => {
  const { outage, ...others } = account;
  const next = blockedAfter(others, settings, release);
  const nextOutage = outageAfter(outage, settings, release);
  if (next === others && nextOutage === outage) return undefined;
  return { ...next, ...(nextOutage && { outage: nextOutage }) };
};

/** Good answers end an outage. Bad outcomes are counted, and make the gate back off. */
const outageAfter = (
  outage: Outage | undefined,
  settings: GateSettings,
  { attemptId, now, outcome }: SlotRelease,
): Outage | undefined => {
  const backOff = outage?.backOff;
  const health = healthOf(outcome);
  if (health === 'good') return undefined;
  if (outage && backOff?.probe === attemptId) {
    const failedProbes = backOff.failedProbes + (health === 'bad' ? 1 : 0);
    const until = health === 'bad' ? now + probeAfterMs(failedProbes, settings) : now;
    const isReadable = outcome.kind === 'unused';
    return { ...outage, backOff: { since: backOff.since, until, failedProbes, isReadable } };
  }
  if (health === undefined || backOff) return outage;
  const badOutcomes = (outage?.badOutcomes ?? 0) + 1;
  if (badOutcomes < MAX_BAD_OUTCOMES) return { badOutcomes };
  const until = now + probeAfterMs(0, settings);
  return { badOutcomes, backOff: { since: now, until, failedProbes: 0, isReadable: false } };
};

/** The same account if the outcome says nothing new about it. */
const blockedAfter = (
  account: Omit<AccountState, 'outage'>,
  settings: GateSettings,
  release: SlotRelease,
): Omit<AccountState, 'outage'> => {
  const { outcome, now, acquiredAt } = release;
  const { block, ...open } = account;
  const isProbe = block?.probe === release.attemptId;
  switch (outcome.kind) {
    case 'accepted':
      // A call that was sent before the block began does not disprove it.
      return block && (isProbe || acquiredAt > block.since) ? open : account;
    case 'refused':
      if (outcome.reason === 'invalid_parameters') return isProbe ? open : account;
      if (block && !isProbe && block.key === release.key) return account;
      return { ...open, block: blockAfter(outcome.reason, isProbe ? block : undefined, settings, release) };
    case 'rate_limited':
      return afterProbe(
        { ...account, waitUntil: later(account.waitUntil, now + outcome.retryAfterSeconds * 1_000) },
        settings,
        release,
      );
    case 'not_sent':
      return afterProbe(
        { ...account, waitUntil: later(account.waitUntil, now + settings.windowMs * UNREACHABLE_WINDOWS) },
        settings,
        release,
      );
    case 'unused':
    case 'failed':
    case 'http_rejected':
    case 'no_answer':
      return afterProbe(account, settings, release);
    default:
      return outcome satisfies never;
  }
};

const later = (a: number | undefined, b: number): number => Math.max(a ?? 0, b);

const blockAfter = (
  reason: BlockReason,
  probed: Block | undefined,
  settings: GateSettings,
  { now, key }: SlotRelease,
): Block => {
  const refusedProbes = probed ? probed.refusedProbes + 1 : 0;
  const until = now + probeAfterMs(refusedProbes, settings);
  return { reason, since: probed?.since ?? now, until, refusedProbes, key };
};

/** After a probe without a verdict: the block stays, and the next probe follows soon. */
const afterProbe = (
  account: AccountState,
  settings: GateSettings,
  { attemptId, now, outcome }: SlotRelease,
): AccountState => {
  const { block } = account;
  if (block?.probe !== attemptId) return account;
  const until = outcome.kind === 'unused' ? now : now + probeAfterMs(block.refusedProbes, settings);
  return { ...account, block: { ...block, until, probe: undefined } };
};

const probeAfterMs = (probes: number, { windowMs }: GateSettings): number =>
  windowMs * Math.min(2 ** probes, MAX_PROBE_WINDOWS);
