import { errorName } from './error-name.ts';
import type { Gate } from './gatekeeper.ts';
import { keyFingerprint } from './identity.ts';
import { judge, type Outcome, type Patience } from './outcome.ts';
import type { ApiKeys, Clock, Ledger, PaidApi } from './ports.ts';
import type { AvatarRecord, ClaimedRecord } from './record.ts';
import { settled } from './submitting.ts';

/** The longest a paid call may take, in milliseconds. */
export const CALL_TIMEOUT_MS = 20_000;

/** What is kept of the invocation's time for recording the outcome, in milliseconds. */
export const RECORDING_RESERVE_MS = 7_000;

/** How long after the invocation's end a claim is taken for lost: clocks differ, and a write may be on its way. */
const LEASE_MARGIN_MS = 5_000;

/** With less time than this left, a call is not begun, in milliseconds. */
const SHORTEST_CALL_MS = 2_000;

/** JoggAI was not even tried, so that this says nothing about it. */
const TOO_LATE: Outcome = { kind: 'not_sent', cause: 'too little time left in this invocation' };

/** The invocation in which something is done. */
export interface Invocation {
  readonly id: string;
  /** When it will be stopped: milliseconds since the epoch. */
  readonly deadline: number;
}

export const leaseUntil = (invocation: Invocation): number => invocation.deadline + LEASE_MARGIN_MS;

/** What the rest of the world is told of a submission, beside its result. */
export interface SubmissionEvents {
  /** An outcome was recorded. */
  settled(record: AvatarRecord, outcome: Outcome): void;
  /** JoggAI was called, and what came of it could not be recorded. */
  unrecorded(record: AvatarRecord, problem: string): void;
  /** A slot could not be given back. It frees itself when its lease is over. */
  slotNotReturned(attemptId: string, problem: string): void;
}

export interface PaidCallPorts {
  readonly ledger: Pick<Ledger, 'replace'>;
  readonly gate: Pick<Gate, 'giveBack'>;
  readonly paidApi: PaidApi;
  readonly apiKeys: ApiKeys;
  readonly clock: Clock;
  readonly events: SubmissionEvents;
}

/** A claim, a slot and a key: the right to one paid call. */
export interface Ticket {
  readonly record: ClaimedRecord;
  readonly slot: { readonly slot: number; readonly takenAt: number };
  readonly apiKey: string;
}

export interface Paid {
  /** As it stands in the ledger, or, if `recorded` is false, as it should. */
  readonly record: AvatarRecord;
  readonly outcome: Outcome;
  readonly recorded: boolean;
}

/**
 * Makes the one paid call of a claim and records what came of it. From the moment the call begins the request counts
 * as paid for, unless the outcome says otherwise.
 */
export const createPaidCall =
  ({ ledger, gate, paidApi, apiKeys, clock, events }: PaidCallPorts) =>
  async ({ record, slot, apiKey }: Ticket, patience: Patience, invocation: Invocation): Promise<Paid> => {
    const timeLeft = (): number =>
      Math.min(CALL_TIMEOUT_MS, invocation.deadline - RECORDING_RESERVE_MS - clock());

    const call = async (key: string): Promise<Outcome> => {
      const timeoutMs = timeLeft();
      return timeoutMs < SHORTEST_CALL_MS
        ? TOO_LATE
        : paidApi.generate(record.request, { apiKey: key, timeoutMs, recordId: record.id });
    };

    let usedKey = apiKey;
    let outcome = await call(usedKey);
    if (outcome.kind === 'refused' && outcome.reason === 'invalid_key') {
      // A refused key was never charged, so this one failure may be met by a second call: with another key only.
      const now = await apiKeys.refreshed();
      if (now.kind === 'present' && now.value !== usedKey && timeLeft() >= SHORTEST_CALL_MS) {
        usedKey = now.value;
        outcome = await call(usedKey);
      }
    }

    const next = settled(record, judge(outcome, patience), { now: clock(), by: invocation.id });
    const [recorded] = await Promise.all([
      ledger
        .replace(next)
        .then(({ kind }) => (kind === 'stored' ? undefined : 'somebody else ended the claim'), errorName),
      gate
        .giveBack({
          attemptId: record.attempt.id,
          slot: slot.slot,
          takenAt: slot.takenAt,
          key: keyFingerprint(usedKey),
          outcome: outcome === TOO_LATE ? { kind: 'unused' } : outcome,
        })
        .catch((error: unknown) => events.slotNotReturned(record.attempt.id, errorName(error))),
    ]);
    if (recorded === undefined) events.settled(next, outcome);
    else events.unrecorded(next, recorded);
    return { record: next, outcome, recorded: recorded === undefined };
  };
