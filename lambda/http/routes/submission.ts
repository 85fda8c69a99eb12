import type { Clock } from '../../domain/ports.ts';
import { readRequest } from '../../domain/request/contract.ts';
import type { Submission, Submitter } from '../../domain/submission/submit.ts';
import type { ViewOf } from '../../views/record-view.ts';
import { answerOf } from '../answer.ts';
import { correlationOf } from '../correlation.ts';
import { ownerOf } from '../event.ts';
import { json, ProblemError } from '../problem.ts';
import { invalidParameter, prefersAsync, readIdempotencyKey, readJson, readQuery } from '../read-event.ts';
import type { CheckAccount } from './account.ts';
import type { Routes } from './route.ts';

export interface SubmissionRoutePorts {
  readonly submitter: Submitter;
  readonly clock: Clock;
  /** Shown to people who must put a key into it. */
  readonly secretId: string;
  readonly viewOf: ViewOf;
  /** Called with the result of each POST, also of an invalid one. */
  readonly onSubmission: (submission: Submission | { readonly kind: 'invalid' }) => void;
}

/** The route that may pay. */
export const submissionRoutes = (
  { submitter, clock, secretId, viewOf, onSubmission }: SubmissionRoutePorts,
  checkAccount: CheckAccount,
): Routes<'POST /photo-avatars'> => ({
  async 'POST /photo-avatars'(event, invocation, caller) {
    const query = readQuery(event, ['dry_run']);
    if (query.dry_run !== undefined && query.dry_run !== 'true' && query.dry_run !== 'false') {
      throw invalidParameter('dry_run', 'must be true or false');
    }
    const key = readIdempotencyKey(event);
    const read = readRequest(readJson(event));
    if (read.kind === 'invalid') {
      onSubmission({ kind: 'invalid' });
      throw new ProblemError(
        'invalid-request',
        'Nothing was recorded or charged. See errors for each field.',
        { errors: [...read.errors] },
      );
    }
    const { request } = read;
    const owner = ownerOf(caller);
    if (query.dry_run === 'true') {
      const { key: apiKey, account } = await checkAccount();
      return json(200, { dry_run: true, request, api_key: apiKey.kind, account, owner });
    }
    const submission = await submitter[prefersAsync(event) ? 'enqueue' : 'submit'](
      {
        source: 'http',
        caller: caller.name,
        owner,
        request,
        idempotency: key === undefined ? undefined : { namespace: owner, key },
        correlationId: correlationOf(event),
      },
      invocation,
    );
    onSubmission(submission);
    return answerOf(submission, { now: clock(), secretId, viewOf });
  },
});
