import type { Invocation } from '../domain/ports.ts';
import { readKeyedRequest } from '../domain/request/keyed-request.ts';
import type { Submission, Submitter } from '../domain/submission/submit.ts';
import { openEnvelope, type QueueMessage } from './envelope.ts';

export interface IntakePorts {
  readonly submitter: Pick<Submitter, 'enqueue' | 'recordInvalid'>;
  readonly onSubmission: (submission: Submission | { readonly kind: 'invalid' }) => void;
}

/**
 * Records the request of a message, once. When this returns, the ledger holds it and the message may be deleted.
 *
 * @throws the ledger's error: nothing is recorded, and the message must be delivered again
 */
export const createMessageRecorder =
  ({ submitter, onSubmission }: IntakePorts) =>
  async (message: QueueMessage, invocation: Invocation): Promise<void> => {
    const { source, caller, namespace: owner, eventId, payload, errors: ofMessage } = openEnvelope(message);
    const byEventId = { namespace: `${source}-id`, key: eventId };

    const read = readKeyedRequest(payload);
    if (read.kind === 'invalid' || ofMessage.length > 0) {
      const ofRequest = read.kind === 'invalid' && payload !== undefined ? read.errors : [];
      const errors = [...ofMessage, ...ofRequest];
      await submitter.recordInvalid(
        { source, caller, idempotency: byEventId, body: message.body, errors },
        invocation,
      );
      onSubmission({ kind: 'invalid' });
      return;
    }
    const idempotency = read.key === undefined ? byEventId : { namespace: owner, key: read.key };
    const submission = await submitter.enqueue(
      { source, caller, owner, request: read.request, idempotency },
      invocation,
    );
    onSubmission(submission);
    if (submission.kind !== 'key_reused') return;
    // No caller waits for an answer, so the ledger records that the key belongs to another request.
    const { id } = submission.record;
    const errors = [{ field: 'idempotency_key', message: `belongs to another request: photo avatar ${id}` }];
    await submitter.recordInvalid(
      { source, caller, idempotency: byEventId, body: message.body, errors },
      invocation,
    );
  };
