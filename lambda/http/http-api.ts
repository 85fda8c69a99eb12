import type * as z from 'zod/mini';
import type { AccountNotesStore } from '../domain/gate/account-watch.ts';
import type { Gate } from '../domain/gate/gate.ts';
import type { Refresh } from '../domain/generation/refresh.ts';
import type { ApiKeys, Clock, Invocation, Ledger, RecordList, SignImageLink } from '../domain/ports.ts';
import { type AvatarRecord, STATUSES } from '../domain/record/record.ts';
import { readRequest } from '../domain/request/contract.ts';
import { ID_PATTERN, keyFingerprint } from '../domain/request/identity.ts';
import type { Decision, Resolution } from '../domain/submission/resolve.ts';
import type { Submission, Submitter } from '../domain/submission/submit.ts';
import { UnreadableItem } from '../domain/unreadable-item.ts';
import { PREFLIGHT_ROUTE, ROUTES, type RouteKey } from '../shared/routes.ts';
import { accountViewOf } from '../views/account-view.ts';
import { viewOf } from '../views/record-view.ts';
import type { RecordView } from '../views/schemas.ts';
import { accountPatch } from './account-patch.ts';
import { answerOf } from './answer.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { type Caller, callerOf, type HttpEvent, ownerOf } from './event.ts';
import { fitting } from './fitting.ts';
import { requireOwnRecord } from './own-record.ts';
import { type HttpResponse, json, ProblemError, problemResponse } from './problem.ts';
import { invalidParameter, prefersAsync, readIdempotencyKey, readJson, readQuery } from './read-event.ts';
import { resolutionRequest } from './resolution-request.ts';

export interface HttpApiPorts {
  readonly submitter: Submitter;
  readonly ledger: Pick<Ledger, 'get'> & RecordList;
  readonly gate: Pick<Gate, 'snapshot' | 'pause'>;
  readonly apiKeys: ApiKeys;
  readonly notes: Pick<AccountNotesStore, 'read'>;
  /** Polls a generation once. */
  readonly pollGeneration: (record: AvatarRecord, invocation: Invocation) => Promise<AvatarRecord>;
  readonly refresh: (id: string, invocation: Invocation) => Promise<Refresh>;
  readonly resolve: (id: string, decision: Decision, invocation: Invocation) => Promise<Resolution>;
  readonly signImageLink: SignImageLink;
  readonly clock: Clock;
  /** Whether a submitter reads only its own records. */
  readonly ownRecordsOnly: boolean;
  /** Shown to people who must put a key into it. */
  readonly secretId: string;
  /** Called with the result of each POST, also of an invalid one. */
  readonly onSubmission: (submission: Submission | { readonly kind: 'invalid' }) => void;
}

type HttpApi = (event: HttpEvent, invocation: Invocation) => Promise<HttpResponse>;

type Route = (event: HttpEvent, invocation: Invocation, caller: Caller) => Promise<HttpResponse>;

export const DEFAULT_LIST_LIMIT = 20;
export const MAX_LIST_LIMIT = 100;

/** Answers every request of the HTTP API. Errors of the caller become problem responses; all others are thrown. */
export const createHttpApi = (ports: HttpApiPorts): HttpApi => {
  const {
    submitter,
    ledger,
    gate,
    apiKeys,
    notes,
    pollGeneration,
    refresh,
    resolve,
    signImageLink,
    clock,
    secretId,
    onSubmission,
  } = ports;

  const checkAccount = async () => {
    const key = await apiKeys.current();
    const [account, noted] = await Promise.all([
      gate.snapshot(key.kind === 'present' ? keyFingerprint(key.value) : ''),
      notes.read(),
    ]);
    return { key, account: accountViewOf(account, noted) };
  };

  const idOf = (event: HttpEvent): string => {
    const id = event.pathParameters?.id ?? '';
    if (!ID_PATTERN.test(id)) throw notFound();
    return id;
  };

  /** The view of one record, with links to the copies of its images. */
  const viewWithLinks = async (record: AvatarRecord): Promise<RecordView> => {
    const view = viewOf(record);
    const links = await Promise.all((record.images ?? []).map(({ copy }) => copy && signImageLink(copy.key)));
    return { ...view, images: view.images?.map((image, at) => ({ ...image, link: links[at] })) };
  };

  const routes: Record<RouteKey, Route> = {
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
          {
            errors: [...read.errors],
          },
        );
      }
      if (query.dry_run === 'true') {
        const { key: apiKey, account } = await checkAccount();
        return json(200, {
          dry_run: true,
          request: read.request,
          api_key: apiKey.kind,
          account,
        });
      }
      const owner = ownerOf(caller);
      const submission = await submitter[prefersAsync(event) ? 'enqueue' : 'submit'](
        {
          source: 'http',
          caller: caller.name,
          owner,
          request: read.request,
          idempotency: key === undefined ? undefined : { namespace: owner, key },
        },
        invocation,
      );
      onSubmission(submission);
      return answerOf(submission, clock(), secretId);
    },

    async 'GET /photo-avatars/{id}'(event, invocation) {
      readQuery(event, []);
      const record = await ledger.get(idOf(event));
      if (!record) throw notFound();
      // Poll now: a caller who waits for the images should not have to wait for the next dispatch.
      const isDue = record.open === 'generating' && Date.parse(record.dueAt ?? '') <= clock();
      return json(200, await viewWithLinks(isDue ? await pollGeneration(record, invocation) : record));
    },

    'GET /all-callers/photo-avatars/{id}': (...request) => routes['GET /photo-avatars/{id}'](...request),

    async 'POST /photo-avatars/{id}/resolution'(event, invocation, caller) {
      readQuery(event, []);
      const id = idOf(event);
      const read = resolutionRequest.safeParse(readJson(event));
      if (!read.success) {
        throw invalidBody(
          read.error,
          'Send {"action": "resubmit" | "close", "version": the version of the record that you saw, "reason": "…"}.',
        );
      }
      const resolution = await resolve(id, { ...read.data, by: caller.name }, invocation);
      switch (resolution.kind) {
        case 'resolved':
          return json(200, viewOf(resolution.record));
        case 'not_resolvable':
          throw new ProblemError(
            'not-resolvable',
            `This photo avatar is ${resolution.record.status}. Only one that failed or is in doubt, and was not resolved before, can be resolved.`,
            { record: viewOf(resolution.record) },
          );
        case 'outdated':
          throw new ProblemError(
            'outdated-version',
            `The decision is about version ${read.data.version}, but the record changed since. Nothing was done. ` +
              'Look at the record, then decide again with its version.',
            { record: viewOf(resolution.record) },
          );
        case 'not_found':
          throw notFound();
        default:
          return resolution satisfies never;
      }
    },

    async 'POST /photo-avatars/{id}/refresh'(event, invocation) {
      readQuery(event, []);
      const refreshed = await refresh(idOf(event), invocation);
      switch (refreshed.kind) {
        case 'refreshed':
          return json(200, await viewWithLinks(refreshed.record));
        case 'not_refreshable':
          throw new ProblemError(
            'not-refreshable',
            `This photo avatar is ${refreshed.record.status}. Only one that JoggAI accepted can be refreshed.`,
            { record: viewOf(refreshed.record) },
          );
        case 'unavailable':
          throw new ProblemError(
            'unavailable',
            `JoggAI did not report the state of the photo (${refreshed.cause}). Nothing was changed or charged. Try again later.`,
          );
        case 'not_found':
          throw notFound();
        default:
          return refreshed satisfies never;
      }
    },

    async 'GET /photo-avatars'(event) {
      const query = readQuery(event, ['status', 'limit', 'cursor']);
      const status = STATUSES.find((known) => known === query.status);
      if (query.status !== undefined && !status) {
        throw invalidParameter('status', `must be one of ${STATUSES.join(', ')}`);
      }
      const limit = Number(query.limit ?? DEFAULT_LIST_LIMIT);
      if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST_LIMIT) {
        throw invalidParameter('limit', `must be a whole number from 1 to ${MAX_LIST_LIMIT}`);
      }
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
      if (query.cursor !== undefined && !after) {
        throw invalidParameter('cursor', 'must be the next_cursor of an earlier answer');
      }
      const { records, next } = await ledger.list({ status, limit, after });
      const items = fitting(records.map(viewOf));
      const end = items.length < records.length ? records[items.length - 1] : next;
      return json(200, { items, next_cursor: end && encodeCursor(end) });
    },

    async 'GET /account'(event) {
      readQuery(event, []);
      return json(200, (await checkAccount()).account);
    },

    async 'PATCH /account'(event, _invocation, caller) {
      readQuery(event, []);
      const patch = accountPatch.safeParse(readJson(event));
      if (!patch.success) {
        throw invalidBody(patch.error, 'Send {"paused": true} or {"paused": false}.');
      }
      await gate.pause(patch.data.paused ? { by: caller.name } : undefined);
      return json(200, (await checkAccount()).account);
    },

    async 'GET /openapi.json'(event) {
      readQuery(event, []);
      // Loaded on demand: it is large and rarely requested.
      const { default: document } = await import('../../docs/openapi.json', { with: { type: 'json' } });
      return json(200, document);
    },
  };

  return async (event, invocation) => {
    // A preflight request has no authorization, so its answer depends on nothing. API Gateway adds the headers.
    if (event.routeKey === PREFLIGHT_ROUTE) return { statusCode: 204, headers: {}, body: '' };
    try {
      // Also for routes that do not use the caller: a token is accepted by all routes or by none.
      const caller = callerOf(event);
      const routeKey = ROUTES.find((known) => known === event.routeKey);
      if (!routeKey) throw noRoute(event);
      if (ports.ownRecordsOnly) await requireOwnRecord(ledger, routeKey, event, caller);
      return await routes[routeKey](event, invocation, caller);
    } catch (error) {
      if (error instanceof ProblemError) return error.response;
      if (error instanceof UnreadableItem) return problemResponse('unreadable-item', error.message);
      throw error;
    }
  };
};

const notFound = (): ProblemError => new ProblemError('not-found', 'No photo avatar has this id.');

const invalidBody = ({ issues }: z.core.$ZodError, detail: string): ProblemError =>
  new ProblemError('invalid-request', detail, {
    errors: issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })),
  });

/** The problem of a request without a route: unknown path, or unknown method of a known path. */
const noRoute = ({ requestContext: { http }, rawPath }: HttpEvent): ProblemError => {
  const methods = ROUTES.map((key) => key.split(' ') as [method: string, path: string])
    .filter(([, path]) => new RegExp(`^${path.replace(/\{\w+\}/, '[^/]+')}$`).test(rawPath))
    .map(([method]) => method);
  return methods.length === 0
    ? new ProblemError('route-not-found', 'See GET /openapi.json for all routes.')
    : new ProblemError(
        'method-not-allowed',
        `${http.method} is not allowed on this path. Allowed: ${methods.join(', ')}.`,
        {},
        { allow: methods.join(', ') },
      );
};
