import { randomUUID } from 'node:crypto';
import type { PhotoAvatarRequest } from './contract.ts';
import { errorName } from './error-name.ts';
import type { Closed } from './gate.ts';
import type { Admission, Gate } from './gatekeeper.ts';
import { keyedId, keyFingerprint, requestHash, timeOrderedId } from './identity.ts';
import { type Failure, type Outcome, REFUSALS } from './outcome.ts';
import { createPaidCall, type Invocation, leaseUntil, type PaidCallPorts } from './paid-call.ts';
import type { ApiKeyState, Created, Ledger } from './ports.ts';
import { type AvatarRecord, type ClaimedRecord, mayBeSubmittedAgain, type Source } from './record.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  claimed,
  type InvalidEvent,
  type NewRecord,
  queuedAgain,
  turnedBack,
  unclaimed,
} from './submitting.ts';

/** One request, and who asks. */
export interface Ask {
  readonly source: Source;
  /** Who asked, as recorded. */
  readonly caller: string;
  readonly request: PhotoAvatarRequest;
  /** Two asks under the same key, in the same namespace, are one request. */
  readonly idempotency?: { readonly namespace: string; readonly key: string } | undefined;
}

/** An event that is no valid request. */
export interface InvalidAsk extends Omit<InvalidEvent, 'id'> {
  readonly idempotency: NonNullable<Ask['idempotency']>;
}

export type Submission =
  /** JoggAI was called. */
  | { readonly kind: 'submitted'; readonly record: AvatarRecord; readonly outcome: Outcome }
  /** JoggAI was called, and what came of it could not be recorded: `record` is how it should be. */
  | { readonly kind: 'unrecorded'; readonly record: AvatarRecord; readonly outcome: Outcome }
  /** Recorded, and submitted later. `why`: what stood in the way, if the caller was ready to wait for JoggAI. */
  | { readonly kind: 'queued'; readonly record: AvatarRecord; readonly why?: Closed | undefined }
  /** The account takes nothing now: recorded as rejected, JoggAI was not called. */
  | { readonly kind: 'turned_back'; readonly record: AvatarRecord; readonly why: Closed }
  /** The same request under the same key was recorded before. */
  | { readonly kind: 'replayed'; readonly record: AvatarRecord }
  /** Another request was recorded under the same key. */
  | { readonly kind: 'key_reused'; readonly record: AvatarRecord }
  /** There is no API key to call with: nothing was recorded. */
  | { readonly kind: 'no_api_key'; readonly state: Exclude<ApiKeyState, { kind: 'present' }> };

export interface SubmissionPorts extends PaidCallPorts {
  readonly ledger: Ledger;
  readonly gate: Pick<Gate, 'take' | 'giveBack'>;
}

export interface Submitter {
  /**
   * Submits a request for someone who waits: now if a slot is free, else it is recorded as queued.
   * Two sequential round trips to the store around the paid call, and no more.
   *
   * @throws whatever the ledger throws before the call: then nothing was paid, and the same key may be used again
   */
  submit(ask: Ask, invocation: Invocation): Promise<Submission>;
  /** Records a request for someone who does not wait. */
  enqueue(ask: Ask, invocation: Invocation): Promise<Submission>;
  /** Records an event that is no valid request. A second delivery changes nothing. */
  recordInvalid(ask: InvalidAsk, invocation: Invocation): Promise<void>;
}

export const createSubmitter = (ports: SubmissionPorts): Submitter => {
  const { ledger, gate, apiKeys, clock } = ports;
  const payFor = createPaidCall(ports);

  const freshRecord = ({ source, caller, request, idempotency }: Ask): NewRecord => ({
    id: idempotency ? keyedId(idempotency.namespace, idempotency.key) : timeOrderedId(clock()),
    source,
    caller,
    request,
    idempotencyKey: idempotency?.key,
  });

  const known = (ask: Ask, record: AvatarRecord): Submission => ({
    kind: record.requestHash === requestHash(ask.request) ? 'replayed' : 'key_reused',
    record,
  });

  const submit = async (ask: Ask, invocation: Invocation): Promise<Submission> => {
    const fresh = freshRecord(ask);
    const apiKey = await apiKeys.current();
    if (apiKey.kind !== 'present') {
      const existing = ask.idempotency && (await ledger.get(fresh.id));
      return existing && !mayBeSubmittedAgain(existing)
        ? known(ask, existing)
        : { kind: 'no_api_key', state: apiKey };
    }

    const claim = {
      attemptId: randomUUID(),
      now: clock(),
      by: invocation.id,
      leaseUntil: leaseUntil(invocation),
    };
    const key = keyFingerprint(apiKey.value);
    const record = acceptedAsClaimed(fresh, claim);
    const [created, admission] = await both(ledger.create(record), gate.take({ ...claim, key }));

    const returnUnused = async (): Promise<void> => {
      if (admission instanceof Error || admission.kind !== 'admitted') return;
      const { slot, takenAt } = admission;
      await gate
        .giveBack({ attemptId: claim.attemptId, slot, takenAt, key, outcome: { kind: 'unused' } })
        .catch((error: unknown) => ports.events.slotNotReturned(claim.attemptId, errorName(error)));
    };

    if (created instanceof Error) {
      await returnUnused();
      throw created;
    }
    const mine = await claimOf(created, record, (found) =>
      found.requestHash === record.requestHash && mayBeSubmittedAgain(found)
        ? claimed(found, claim)
        : undefined,
    ).catch(async (error: unknown) => {
      await returnUnused();
      throw error;
    });
    if (mine.kind === 'theirs') {
      await returnUnused();
      return known(ask, mine.record);
    }
    if (admission instanceof Error) {
      // Accepted is accepted: with the gate out of reach it waits in line.
      return backInLine(mine.record, invocation);
    }
    if (admission.kind === 'closed') return notAdmitted(mine.record, admission.why, invocation);

    const paid = await payFor(
      { record: mine.record, slot: admission, apiKey: apiKey.value },
      'now',
      invocation,
    );
    const { record: end, outcome } = paid;
    return { kind: paid.recorded ? 'submitted' : 'unrecorded', record: end, outcome };
  };

  /** Who holds the claim after the attempt to accept and claim in one write. */
  const claimOf = async (
    created: Created,
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

  const notAdmitted = (record: ClaimedRecord, why: Closed, invocation: Invocation): Promise<Submission> => {
    if (why.kind === 'full' || why.kind === 'waiting') return backInLine(record, invocation, why);
    return turnBack(record, why, invocation);
  };

  const backInLine = async (
    record: ClaimedRecord,
    invocation: Invocation,
    why?: Closed,
  ): Promise<Submission> => {
    const next = unclaimed(record, { now: clock(), by: invocation.id }, why?.kind ?? 'gate unavailable');
    await release(next);
    return { kind: 'queued', record: next, why };
  };

  const turnBack = async (
    record: ClaimedRecord,
    why: Exclude<Closed, { kind: 'full' | 'waiting' }>,
    invocation: Invocation,
  ): Promise<Submission> => {
    const next = turnedBack(record, failureOf(why), { now: clock(), by: invocation.id });
    await release(next);
    return { kind: 'turned_back', record: next, why };
  };

  /** Only its own holder ends a claim, so a conflict here is somebody's hand in the table. */
  const release = async (next: AvatarRecord): Promise<void> => {
    const { kind } = await ledger.replace(next);
    if (kind === 'conflict') throw new Error(`Record ${next.id} was changed while it was claimed.`);
  };

  const enqueue = async (ask: Ask, invocation: Invocation): Promise<Submission> => {
    const at = { now: clock(), by: invocation.id };
    const record = acceptedAsQueued(freshRecord(ask), at);
    const created = await ledger.create(record);
    if (created.kind === 'created') return { kind: 'queued', record };
    const found = created.record;
    if (found.requestHash !== record.requestHash || !mayBeSubmittedAgain(found)) return known(ask, found);
    const again = queuedAgain(found, at);
    const replaced = await ledger.replace(again);
    return replaced.kind === 'stored'
      ? { kind: 'queued', record: again }
      : known(ask, replaced.record ?? found);
  };

  const recordInvalid = async (
    { idempotency, ...event }: InvalidAsk,
    invocation: Invocation,
  ): Promise<void> => {
    const id = keyedId(idempotency.namespace, idempotency.key);
    await ledger.create(acceptedAsInvalid({ ...event, id }, { now: clock(), by: invocation.id }));
  };

  return { submit, enqueue, recordInvalid };
};

/** Waits for both and reports an error as a value, so that what one of them took can be given back. */
const both = (
  created: Promise<Created>,
  admission: Promise<Admission>,
): Promise<[Created | Error, Admission | Error]> =>
  Promise.all([created.catch(asError), admission.catch(asError)]);

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('unknown error', { cause: error });

const failureOf = (why: Exclude<Closed, { kind: 'full' | 'waiting' }>): Failure => {
  switch (why.kind) {
    case 'blocked':
      return { code: why.reason, ...REFUSALS[why.reason] };
    case 'paused':
      return {
        code: 'paused',
        message: 'An operator has paused all calls to JoggAI. Nothing was charged.',
        advice: 'Ask again when the pause is over; the same Idempotency-Key may be used.',
      };
    case 'spent':
      return {
        code: 'daily_limit',
        message: `Today's limit of ${why.limit} paid calls is reached. Nothing was charged.`,
        advice: 'Ask again tomorrow (UTC), or raise dailyCallLimit; the same Idempotency-Key may be used.',
      };
    default:
      return why satisfies never;
  }
};
