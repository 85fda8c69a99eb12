import { type Failure, nextState, REFUSALS } from '../../domain/outcome.ts';
import { failureOfRejection } from '../../domain/submission/rejection-failure.ts';
import { UnreadableItem } from '../../domain/unreadable-item.ts';
import { missingKey } from '../../views/missing-key.ts';
import { type Problem, problem } from '../../views/schemas.ts';
import { PROBLEMS, type ProblemName, problemType } from '../problem.ts';
import { example } from './examples.ts';
import { exampleReferences, gatewayMessage, headerReference, IDS, REQUEST_ID, reference } from './parts.ts';

const ID = '43de21ae-ff23-8f46-99e6-398680338df2';

/** The problems that an operation of the description can answer with. */
export type DescribedProblem = Exclude<ProblemName, 'route-not-found' | 'method-not-allowed'>;

const said = (failure: Pick<Failure, 'message' | 'advice'> | undefined): Pick<Problem, 'detail'> => {
  if (!failure) throw new Error('The example has no failure.');
  return { detail: `${failure.message} ${failure.advice}` };
};

const field = (name: string, message: string) => ({ errors: [{ field: name, message }] });

const DETAILS: Record<DescribedProblem, Pick<Problem, 'detail' | 'errors'>> = {
  'invalid-json': { detail: 'The body cannot be read as JSON. Nothing was charged.' },
  'invalid-parameter': {
    detail: 'dryrun: this route takes dry_run.',
    ...field('dryrun', 'this route takes dry_run'),
  },
  'invalid-header': {
    detail:
      'Idempotency-Key must be 1 to 255 visible ASCII characters, without commas, quotes or spaces inside, and be sent once.',
    ...field('Idempotency-Key', 'must be 1 to 255 visible ASCII characters'),
  },
  'invalid-request': {
    detail: 'Nothing was recorded or charged. See errors for each field.',
    ...field('gender', 'is required and must be one of "Female", "Male"'),
  },
  'caller-not-identified': {
    detail:
      'The token has neither "sub" nor "client_id", so its caller cannot be distinguished from others. Nothing was recorded or charged. Use a token with one of them.',
  },
  'other-caller': {
    detail:
      'This photo avatar was requested by another caller. Nothing was changed or charged. Use GET /all-callers/photo-avatars/{id}, which requires the role reader or operator.',
  },
  'not-found': { detail: 'No photo avatar has this id.' },
  'idempotency-key-reused': {
    detail: `This Idempotency-Key belongs to another request: photo avatar ${ID}. Nothing was charged for this one. Use a new key for a new request.`,
  },
  'not-cancellable': {
    detail: 'This photo avatar is generating. Only one that is queued can be cancelled. Nothing was changed.',
  },
  'not-erasable': { detail: 'This photo avatar is queued. Cancel it first. Nothing was erased.' },
  'not-refreshable': {
    detail: 'This photo avatar is queued. Only one that JoggAI accepted can be refreshed.',
  },
  'outdated-version': {
    detail:
      'The decision is about version 2, but the record changed since. Nothing was done. Look at the record, then decide again with its version.',
  },
  'not-resolvable': {
    detail:
      'This photo avatar is generating. Only one that failed or is in doubt, and was not resolved before, can be resolved.',
  },
  'body-too-large': { detail: 'The body has 200000 bytes; at most 131072 are taken.' },
  'unsupported-media-type': {
    detail: 'The content type is "text/plain". Send JSON, with the header "Content-Type: application/json".',
  },
  'insufficient-credit': said(REFUSALS.insufficient_credit),
  'no-permission': said(REFUSALS.no_permission),
  'invalid-api-key': said(REFUSALS.invalid_key),
  'rejected-by-joggai': said(REFUSALS.invalid_parameters),
  'joggai-error': said(nextState({ kind: 'failed', code: 50_000, message: 'internal error' }, 'sync').error),
  'in-doubt': said(nextState({ kind: 'no_answer', cause: 'timeout' }, 'sync').error),
  paused: said(failureOfRejection({ kind: 'paused', by: 'operator', since: 0 })),
  'daily-limit-reached': said(failureOfRejection({ kind: 'daily_limit_reached', limit: 1_000, until: 0 })),
  'caller-limit-reached': said(failureOfRejection({ kind: 'caller_limit_reached', limit: 50, until: 0 })),
  'api-key-missing': { detail: missingKey({ kind: 'unset' }, 'PhotoAvatars-prod-ApiKey') },
  'not-recorded': {
    detail:
      'JoggAI was called and may have charged. The outcome could not be written to the ledger, which will show this request as in doubt. Keep this response: it contains the outcome. Do not send the request under another key.',
  },
  'unreadable-item': { detail: new UnreadableItem(ID, 'Nothing was changed or charged.').message },
  unavailable: {
    detail:
      'A service that this API depends on did not answer. If the request had an Idempotency-Key, send it again with the same key.',
  },
};

const isDescribed = (name: string): name is DescribedProblem => Object.hasOwn(DETAILS, name);

/** An example of each problem, by its name. */
export const PROBLEM_EXAMPLES = Object.fromEntries(
  Object.entries(PROBLEMS).flatMap(([name, { title, status }]) =>
    isDescribed(name)
      ? [[name, example<Problem>(title, { type: problemType(name), title, status, ...DETAILS[name] })]]
      : [],
  ),
);

/**
 * The responses of API Gateway itself, which reach callers without the function: it refused the caller, throttled the
 * route, or got no answer from the function.
 */
const GATEWAY_MESSAGES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Statuses of a submission whose response may name the record, and the time of the next attempt. */
const NAMES_RECORD = [402, 422, 429, 502, 503, 504];
const NAMES_TIME = [402, 429, 502];

/** Statuses of a submission that may have been charged: a person resolves its record. */
const MAY_BE_CHARGED = [502, 504];
const RESOLVE_FAILED = {
  operationId: 'resolvePhotoAvatar',
  parameters: { id: '$response.body#/record/id' },
  requestBody: {
    action: 'close',
    version: '$response.body#/record/version',
    reason: 'The JoggAI dashboard shows neither the photo nor a charge.',
  },
};

const listed = (texts: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format(texts);

/** The response of one status to refused requests. */
const refusal = (status: number, own: readonly DescribedProblem[], submits: boolean): object => {
  const message = GATEWAY_MESSAGES[status];
  const meanings = own.map((name) => PROBLEMS[name].title);
  return {
    description: `${listed(message === undefined ? meanings : [...meanings, `${message}, from API Gateway`])}.`,
    headers: {
      ...(own.length > 0 ? IDS : REQUEST_ID),
      ...(submits && NAMES_RECORD.includes(status) && { Location: headerReference('Location') }),
      ...(submits && NAMES_TIME.includes(status) && { 'Retry-After': headerReference('Retry-After') }),
    },
    content: {
      ...(own.length > 0 && {
        'application/problem+json': { schema: reference(problem), examples: exampleReferences(own) },
      }),
      ...(message !== undefined && {
        'application/json': { schema: reference(gatewayMessage), example: { message } },
      }),
    },
    ...(submits && MAY_BE_CHARGED.includes(status) && { links: { resolvePhotoAvatar: RESOLVE_FAILED } }),
  };
};

/** A response that several operations share. */
export interface SharedResponse {
  readonly name: string;
  readonly response: object;
}

/**
 * The responses to refused requests by HTTP status, those of API Gateway included.
 *
 * @param submits whether the operation records requests
 */
export const refusals = (
  names: readonly DescribedProblem[],
  submits: boolean,
): ReadonlyMap<number, SharedResponse> => {
  const byStatus = Map.groupBy(names, (name) => PROBLEMS[name].status as number);
  const statuses = new Set([...byStatus.keys(), ...Object.keys(GATEWAY_MESSAGES).map(Number)]);
  return new Map(
    [...statuses].map((status) => {
      const own = byStatus.get(status) ?? [];
      const ofSubmission = submits && NAMES_RECORD.includes(status) ? ['of-submission'] : [];
      const name = [status, ...own, ...ofSubmission].join('.');
      return [status, { name, response: refusal(status, own, submits) }];
    }),
  );
};
