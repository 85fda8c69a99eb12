import type { Invocation } from '../domain/ports.ts';
import type { FieldError } from '../domain/request/contract.ts';
import { correlationIdOf } from '../domain/request/correlation.ts';
import { keyedId } from '../domain/request/identity.ts';
import { correlationIdIn, readEventRequest } from '../domain/request/keyed-request.ts';
import type { Idempotency, Submission, Submitter } from '../domain/submission/submit.ts';
import { type Arrival, type Namespaces, openEnvelope, type QueueMessage } from './envelope.ts';
import { createTurns } from './turns.ts';

export interface IntakePorts {
  readonly submitter: Pick<Submitter, 'enqueue' | 'recordInvalid'>;
  /** The name by which an event may be addressed to this service. */
  readonly serviceName: string;
  /** ARN of the queue that only the service's event rule sends to. */
  readonly eventQueueArn: string;
  readonly onSubmission: (
    submission: Submission | { readonly kind: 'invalid' },
    correlationId: string,
  ) => void;
  /** Called before the error is thrown. */
  readonly onFailed: (error: unknown, correlationId: string) => void;
}

/** One message on its way to the ledger. */
interface Delivery {
  readonly body: string;
  readonly correlationId: string;
  readonly arrivedAt: number | undefined;
}

/**
 * Records the request of a message, once. When this returns, the ledger holds it and the message may be deleted.
 * Messages may be recorded at the same time: of those with the same key, the one that came first is recorded first.
 *
 * @throws the ledger's error: nothing is recorded, and the message must be delivered again
 */
export const createMessageRecorder = ({
  submitter,
  serviceName,
  eventQueueArn,
  onSubmission,
  onFailed,
}: IntakePorts) => {
  const inTurn = createTurns();

  const record = async (
    arrival: Arrival,
    { correlationId, arrivedAt, body }: Delivery,
    invocation: Invocation,
  ): Promise<void> => {
    const { source, caller, namespaces, claimed, payload, errors: ofMessage } = arrival;
    const identity = (kind: keyof Namespaces, key: string): Idempotency => ({
      namespace: namespaces[kind],
      key,
      claimedNamespace: claimed?.[kind],
    });
    const byEventId = identity('ids', arrival.eventId);
    const recordInvalid = (errors: readonly FieldError[]) =>
      submitter.recordInvalid(
        { source, caller, idempotency: byEventId, correlationId, body, errors },
        invocation,
      );

    const read = readEventRequest(payload, serviceName);
    if (read.kind === 'invalid' || ofMessage.length > 0) {
      const ofRequest = read.kind === 'invalid' && payload !== undefined ? read.errors : [];
      await recordInvalid([...ofMessage, ...ofRequest]);
      onSubmission({ kind: 'invalid' }, correlationId);
      return;
    }
    const { request, key } = read;
    const idempotency = key === undefined ? byEventId : identity('keys', key);
    const origin = { source, caller, owner: namespaces.keys, correlationId, arrivedAt };
    const submission = await inTurn(keyedId(idempotency.namespace, idempotency.key), () =>
      submitter.enqueue({ ...origin, request, idempotency }, invocation),
    );
    onSubmission(submission, correlationId);
    if (submission.kind !== 'key_reused') return;
    // No caller waits for an answer, so the ledger records that the key belongs to another request.
    const { id } = submission.record;
    await recordInvalid([
      { field: 'idempotency_key', message: `belongs to another request: photo avatar ${id}` },
    ]);
  };

  /** @param arrivedAt its place in line, in milliseconds since the epoch. @default now */
  return async (message: QueueMessage, invocation: Invocation, arrivedAt?: number): Promise<void> => {
    const arrival = openEnvelope(message, eventQueueArn);
    const correlationId = correlationIdOfArrival(arrival, message);
    try {
      await record(arrival, { correlationId, arrivedAt, body: message.body }, invocation);
    } catch (error) {
      onFailed(error, correlationId);
      throw error;
    }
  };
};

/** The id that the sender gave, or the one that sending the event returned. */
const correlationIdOfArrival = ({ payload, eventId }: Arrival, { messageId }: QueueMessage): string =>
  // Any sender to the queue can write an envelope, and free text as its id.
  correlationIdIn(payload) ?? correlationIdOf(eventId) ?? messageId;
