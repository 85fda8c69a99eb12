import { randomUUID } from 'node:crypto';
import { errorName } from '../../shared/error-name.ts';
import type { AcquiredSlot, Gate } from '../gate/gate.ts';
import { nextState, type Outcome, type SubmissionMode } from '../outcome.ts';
import type { ApiKeys, Clock, Invocation, Ledger, PaidApi } from '../ports.ts';
import type { AvatarRecord, ClaimedRecord } from '../record/record.ts';
import { keyFingerprint } from '../request/identity.ts';
import { recordEnd } from './end-claim.ts';
import { withOutcome } from './submission-rules.ts';

/** Time limit of a paid call, in milliseconds. */
export const CALL_TIMEOUT_MS = 20_000;

/** Time of the invocation that is kept for recording the outcome, in milliseconds. */
export const RECORDING_RESERVE_MS = 7_000;

/** From the end of the invocation to the end of its lease, in milliseconds: covers clock skew and writes under way. */
const LEASE_MARGIN_MS = 5_000;

/** A call is not started with less time than this left, in milliseconds. */
const MIN_CALL_MS = 2_000;

/** JoggAI was not tried, so this outcome says nothing about JoggAI. */
const TOO_LATE: Outcome = { kind: 'not_sent', cause: 'too little time left in this invocation' };

export const leaseUntil = (invocation: Invocation): number => invocation.deadline + LEASE_MARGIN_MS;

/** Called during a submission, in addition to its result. */
export interface SubmissionEvents {
  outcomeRecorded(record: AvatarRecord, outcome: Outcome): void;
  /** JoggAI was called, and the outcome could not be recorded. */
  outcomeNotRecorded(record: AvatarRecord, problem: string): void;
  /** A slot could not be released. It becomes free when its lease expires. */
  slotNotReleased(attemptId: string, problem: string, correlationId?: string): void;
}

export interface PaidCallPorts {
  readonly ledger: Pick<Ledger, 'replace'>;
  readonly gate: Pick<Gate, 'acquire' | 'release'>;
  readonly paidApi: PaidApi;
  readonly apiKeys: ApiKeys;
  readonly clock: Clock;
  readonly events: SubmissionEvents;
  /** Resolves after so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** A claim, a slot and a key: what one paid call needs. */
export interface PaidCallInput {
  readonly record: ClaimedRecord;
  readonly slot: AcquiredSlot;
  readonly apiKey: string;
}

export interface PaidCallResult {
  /** As the ledger holds it or, if `recorded` is false, as it should. */
  readonly record: AvatarRecord;
  readonly outcome: Outcome;
  readonly recorded: boolean;
}

/**
 * Makes the one paid call of a claim and records its outcome. Once the call starts, the request counts as paid for
 * unless the outcome says otherwise.
 */
export const createPaidCall =
  ({ ledger, gate, paidApi, apiKeys, clock, events, wait }: PaidCallPorts) =>
  async (
    { record, slot, apiKey }: PaidCallInput,
    mode: SubmissionMode,
    invocation: Invocation,
  ): Promise<PaidCallResult> => {
    const timeLeft = (): number =>
      Math.min(CALL_TIMEOUT_MS, invocation.deadline - RECORDING_RESERVE_MS - clock());

    const call = async (key: string): Promise<Outcome> => {
      const timeoutMs = timeLeft();
      return timeoutMs < MIN_CALL_MS
        ? TOO_LATE
        : paidApi.generate(record.request, {
            apiKey: key,
            timeoutMs,
            recordId: record.id,
            correlationId: record.correlationId,
          });
    };

    /** Releases a slot after its call. A slot that cannot be released becomes free when its lease expires. */
    const release = (used: UsedSlot, outcome: Outcome): Promise<void> =>
      gate
        .release({
          attemptId: used.attemptId,
          slot: used.slot,
          acquiredAt: used.acquiredAt,
          counted: used.counted,
          key: keyFingerprint(used.apiKey),
          outcome: outcome === TOO_LATE ? { kind: 'unused' } : outcome,
        })
        .catch((error: unknown) =>
          events.slotNotReleased(used.attemptId, errorName(error), record.correlationId),
        );

    /** The slot for a second call, if another key replaced the refused one. `null`: there is one, but no slot now. */
    const acquireForNewKey = async (refused: UsedSlot): Promise<UsedSlot | null | undefined> => {
      const current = await apiKeys.refreshed();
      if (current.kind !== 'present' || current.value === refused.apiKey) return undefined;
      if (timeLeft() < MIN_CALL_MS) return null;
      const attemptId = randomUUID();
      const admission = await gate.acquire({
        attemptId,
        leaseUntil: leaseUntil(invocation),
        key: keyFingerprint(current.value),
        owner: refused.counted?.owner,
      });
      return admission.kind === 'admitted' ? { ...admission, attemptId, apiKey: current.value } : null;
    };

    let used: UsedSlot = { ...slot, attemptId: record.attempt.id, apiKey };
    let outcome = await call(used.apiKey);
    let isReleased = false;
    let mayWait = mode === 'async';
    if (outcome.kind === 'refused' && outcome.reason === 'invalid_key') {
      // A refused key was certainly not charged. This is the only failure that a second call may follow, with another key.
      await release(used, outcome);
      const second = await acquireForNewKey(used).catch(() => null);
      isReleased = !second;
      if (second) {
        used = second;
        outcome = await call(used.apiKey);
      } else if (second === null) {
        mayWait = true;
      }
    }

    const isCounted = outcome.kind === 'http_rejected' && slot.othersPass;
    const httpRejections = (record.httpRejections ?? 0) + (isCounted ? 1 : 0);
    const transition = nextState(outcome, mayWait ? 'async' : 'sync', httpRejections);
    const change = { now: clock(), by: invocation.id };
    const ended = (held: ClaimedRecord) =>
      withOutcome(isCounted ? { ...held, httpRejections } : held, transition, change);
    const [end] = await Promise.all([
      recordEnd({ ledger, clock, wait }, record, ended, invocation),
      isReleased ? undefined : release(used, outcome),
    ]);
    if (end.problem === undefined) events.outcomeRecorded(end.record, outcome);
    else events.outcomeNotRecorded(end.record, end.problem);
    return { record: end.record, outcome, recorded: end.problem === undefined };
  };

/** A slot with the attempt and the key that use it. */
interface UsedSlot extends Pick<AcquiredSlot, 'slot' | 'acquiredAt' | 'counted'> {
  readonly attemptId: string;
  readonly apiKey: string;
}
