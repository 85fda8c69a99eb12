import { randomUUID } from 'node:crypto';
import { errorName } from '../../shared/error-name.ts';
import { endsSoon, type LastingRejection, type Rejection } from '../gate/gate-rules.ts';
import type { Failure, Outcome } from '../outcome.ts';
import type { ApiKeyState, CreateResult, Invocation, Ledger } from '../ports.ts';
import { type AvatarRecord, type ClaimedRecord, mayBeSubmittedAgain, type Source } from '../record/record.ts';
import type { PhotoAvatarRequest } from '../request/contract.ts';
import { keyedId, keyFingerprint, requestHash, timeOrderedId } from '../request/identity.ts';
import { acquireSlot } from './acquire-slot.ts';
import { type ClaimToEnd, recordEnd, releaseStored } from './end-claim.ts';
import { createPaidCall, leaseUntil, type PaidCallPorts } from './paid-call.ts';
import { failureOfRejection } from './rejection-failure.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  claimed,
  claimReleased,
  type NewInvalidRecord,
  type NewRecord,
  rejectedByGate,
  requeued,
} from './submission-rules.ts';

/** One request and its caller. */
export interface SubmitCommand {
  readonly source: Source;
  /** As recorded. */
  readonly caller: string;
  /** Whose it is: all sessions of a role, for example, are one owner. */
  readonly owner: string;
  readonly request: PhotoAvatarRequest;
  readonly idempotency?: Idempotency | undefined;
  /** When it arrived, in milliseconds since the epoch: the place in line of a queued request. @default now */
  readonly arrivedAt?: number | undefined;
  /** The id by which the logs find this request. The record keeps that of the first one under its key. */
  readonly correlationId?: string | undefined;
}

/** Two commands with the same key and namespace are one request. */
export interface Idempotency {
  readonly namespace: string;
  readonly key: string;
  /**
   * Another namespace that the sender names and cannot prove. A request that is recorded there under the key is this
   * one; nothing is created or changed in it.
   */
  readonly claimedNamespace?: string | undefined;
}

/** An event that is not a valid request. */
export interface InvalidRequestEvent extends Omit<NewInvalidRecord, 'id'> {
  readonly idempotency: Idempotency;
}

export type Submission =
  /** JoggAI was called. */
  | { readonly kind: 'submitted'; readonly record: AvatarRecord; readonly outcome: Outcome }
  /** JoggAI was called, and the outcome could not be recorded. `record` is what the ledger should hold. */
  | { readonly kind: 'unrecorded'; readonly record: AvatarRecord; readonly outcome: Outcome }
  /** Recorded, to be submitted later. `rejection`: why the gate did not admit it now, for a caller who waits. */
  | { readonly kind: 'queued'; readonly record: AvatarRecord; readonly rejection?: Rejection | undefined }
  /** The gate admits no calls now: recorded as rejected, JoggAI was not called. */
  | { readonly kind: 'rejected_by_gate'; readonly record: AvatarRecord; readonly rejection: Rejection }
  /** The same request under the same key was recorded before. */
  | { readonly kind: 'replayed'; readonly record: AvatarRecord }
  /** Another request was recorded under the same key. */
  | { readonly kind: 'key_reused'; readonly record: AvatarRecord }
  /** There is no API key to call with: nothing was recorded. */
  | { readonly kind: 'no_api_key'; readonly state: Exclude<ApiKeyState, { kind: 'present' }> };

export interface SubmissionPorts extends PaidCallPorts {
  readonly ledger: Ledger;
}

export interface Submitter {
  /**
   * Submits a request whose caller waits: now if a slot is free, else it is recorded as queued.
   * Two sequential round trips to the store around the paid call, and no more.
   *
   * @throws the ledger's error before the call: nothing was charged, and the same key may be used again
   */
  submit(command: SubmitCommand, invocation: Invocation): Promise<Submission>;
  /** Records a request whose caller does not wait. */
  enqueue(command: SubmitCommand, invocation: Invocation): Promise<Submission>;
  /** Records an event that is not a valid request. A second delivery changes nothing. */
  recordInvalid(event: InvalidRequestEvent, invocation: Invocation): Promise<void>;
}

export const createSubmitter = (ports: SubmissionPorts): Submitter => {
  const { ledger, gate, apiKeys, clock } = ports;
  const makePaidCall = createPaidCall(ports);

  const freshRecord = ({ idempotency, ...command }: SubmitCommand): NewRecord => ({
    ...command,
    id: idempotency ? keyedId(idempotency.namespace, idempotency.key) : timeOrderedId(clock()),
    idempotencyKey: idempotency?.key,
  });

  const known = (command: SubmitCommand, record: AvatarRecord): Submission => ({
    kind: record.requestHash === requestHash(command.request) ? 'replayed' : 'key_reused',
    record,
  });

  const submit = async (command: SubmitCommand, invocation: Invocation): Promise<Submission> => {
    const fresh = freshRecord(command);
    const cachedKey = await apiKeys.current();
    if (cachedKey.kind !== 'present') {
      const existing = command.idempotency && (await ledger.get(fresh.id));
      return existing && !mayBeSubmittedAgain(existing)
        ? known(command, existing)
        : { kind: 'no_api_key', state: cachedKey };
    }

    const claim = {
      attemptId: randomUUID(),
      now: clock(),
      by: invocation.id,
      leaseUntil: leaseUntil(invocation),
    };
    const record = acceptedAsClaimed(fresh, claim);
    ports.paidApi.expectCall();
    const [created, acquired] = await both(
      ledger.create(record),
      acquireSlot(ports, { ...claim, owner: command.owner }, cachedKey.value),
    );

    const releaseUnused = async (): Promise<void> => {
      if (acquired instanceof Error || acquired.admission.kind !== 'admitted') return;
      const { admission, apiKey } = acquired;
      const { attemptId } = claim;
      await gate
        .release({ attemptId, ...admission, key: keyFingerprint(apiKey), outcome: { kind: 'unused' } })
        .catch((error: unknown) => ports.events.slotNotReleased(claim.attemptId, errorName(error)));
    };

    /** Nothing was sent, but the claim may be stored. Once released, the request may be sent again under its key. */
    const releaseUnconfirmed = async (error: unknown): Promise<never> => {
      const notConfirmed = (held: ClaimedRecord) =>
        rejectedByGate(held, CLAIM_NOT_CONFIRMED, { now: clock(), by: invocation.id });
      await Promise.all([releaseUnused(), releaseStored(ledger, record, notConfirmed)]);
      throw error;
    };

    if (created instanceof Error) return releaseUnconfirmed(created);
    const mine = await claimOf(created, record, (found) =>
      found.requestHash === record.requestHash && mayBeSubmittedAgain(found)
        ? claimed(found, claim)
        : undefined,
    ).catch(releaseUnconfirmed);
    if (mine.kind === 'theirs') {
      await releaseUnused();
      return known(command, mine.record);
    }
    if (acquired instanceof Error) {
      // It was accepted: while the gate cannot be reached, it waits in the queue.
      return requeue(mine.record, invocation);
    }
    const { admission, apiKey } = acquired;
    if (admission.kind === 'rejected') return notAdmitted(mine.record, admission.rejection, invocation);

    const paid = await makePaidCall({ record: mine.record, slot: admission, apiKey }, 'sync', invocation);
    const { record: end, outcome } = paid;
    return { kind: paid.recorded ? 'submitted' : 'unrecorded', record: end, outcome };
  };

  /** Who holds the claim after the attempt to accept and claim in one write. */
  const claimOf = async (
    created: CreateResult,
    record: ClaimedRecord,
    claimAgain: (found: AvatarRecord) => ClaimedRecord | undefined,
  ): Promise<
    | { readonly kind: 'mine'; readonly record: ClaimedRecord }
    | { readonly kind: 'theirs'; readonly record: AvatarRecord }
  > => {
    if (created.kind === 'created') return { kind: 'mine', record };
    const again = claimAgain(created.record);
    if (!again) return { kind: 'theirs', record: created.record };
    const replaced = await ledger.replace(again);
    return replaced.kind === 'stored'
      ? { kind: 'mine', record: again }
      : { kind: 'theirs', record: replaced.record ?? created.record };
  };

  const notAdmitted = (
    record: ClaimedRecord,
    rejection: Rejection,
    invocation: Invocation,
  ): Promise<Submission> =>
    endsSoon(rejection)
      ? requeue(record, invocation, rejection)
      : rejectByGate(record, rejection, invocation);

  const requeue = async (
    record: ClaimedRecord,
    invocation: Invocation,
    rejection?: Rejection,
  ): Promise<Submission> => {
    const at = { now: clock(), by: invocation.id };
    const note = rejection?.kind ?? 'gate unavailable';
    const next = await endClaim(record, (held) => claimReleased(held, at, note), invocation);
    return { kind: 'queued', record: next, rejection };
  };

  const rejectByGate = async (
    record: ClaimedRecord,
    rejection: LastingRejection,
    invocation: Invocation,
  ): Promise<Submission> => {
    const at = { now: clock(), by: invocation.id };
    const failure = failureOfRejection(rejection);
    const next = await endClaim(record, (held) => rejectedByGate(held, failure, at), invocation);
    return { kind: 'rejected_by_gate', record: next, rejection };
  };

  const endClaim = async (...claim: ClaimToEnd): Promise<AvatarRecord> => {
    const { record, problem } = await recordEnd(ports, ...claim);
    if (problem === undefined) return record;
    throw new Error(`The claim of record ${record.id} could not be ended: ${problem}.`);
  };

  const recordInClaimedNamespace = async ({
    claimedNamespace,
    key,
  }: Idempotency): Promise<AvatarRecord | undefined> =>
    claimedNamespace === undefined ? undefined : ledger.get(keyedId(claimedNamespace, key));

  const enqueue = async (command: SubmitCommand, invocation: Invocation): Promise<Submission> => {
    const elsewhere = command.idempotency && (await recordInClaimedNamespace(command.idempotency));
    if (elsewhere && !mayBeSubmittedAgain(elsewhere)) return known(command, elsewhere);
    const at = { now: command.arrivedAt ?? clock(), by: invocation.id };
    const record = acceptedAsQueued(freshRecord(command), at);
    const created = await ledger.create(record);
    if (created.kind === 'created') return { kind: 'queued', record };
    const found = created.record;
    if (
      found.requestHash !== record.requestHash ||
      !mayBeSubmittedAgain(found) ||
      wasRefusedAsEvent(command, found)
    ) {
      return known(command, found);
    }
    const again = requeued(found, at);
    const replaced = await ledger.replace(again);
    return replaced.kind === 'stored'
      ? { kind: 'queued', record: again }
      : known(command, replaced.record ?? found);
  };

  const recordInvalid = async (
    { idempotency, ...event }: InvalidRequestEvent,
    invocation: Invocation,
  ): Promise<void> => {
    const id = keyedId(idempotency.namespace, idempotency.key);
    await ledger.create(acceptedAsInvalid({ ...event, id }, { now: clock(), by: invocation.id }));
  };

  return { submit, enqueue, recordInvalid };
};

/** Events are delivered more than once: what JoggAI refused for its parameters, it would refuse each time. */
const wasRefusedAsEvent = ({ source }: SubmitCommand, { error }: AvatarRecord): boolean =>
  source !== 'http' && error?.code === 'invalid_parameters';

/** Awaits both and returns an error as a value, so that a slot or a claim can be released when the other failed. */
const both = <First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First | Error, Second | Error]> => Promise.all([first.catch(asError), second.catch(asError)]);

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('unknown error', { cause: error });

const CLAIM_NOT_CONFIRMED: Failure = {
  code: 'claim_not_confirmed',
  message: 'The ledger did not confirm the request, so JoggAI was not called. Nothing was charged.',
  advice: 'Send the request again; the same Idempotency-Key may be used.',
};
