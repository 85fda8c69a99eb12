import type * as z from 'zod/mini';
import type { SignImageLink } from '../adapters/image-links.ts';
import type { AccountNotesStore } from '../domain/account-watch.ts';
import { readRequest } from '../domain/contract.ts';
import type { Gate } from '../domain/gatekeeper.ts';
import { ID_PATTERN, keyFingerprint } from '../domain/identity.ts';
import type { Invocation } from '../domain/paid-call.ts';
import type { ApiKeys, Clock, Ledger, RecordList } from '../domain/ports.ts';
import { type AvatarRecord, STATUSES } from '../domain/record.ts';
import type { Decision, Resolution } from '../domain/resolution.ts';
import type { Submission, Submitter } from '../domain/submission.ts';
import { accountPatch } from './account-patch.ts';
import { accountViewOf } from './account-view.ts';
import { answerOf } from './answer.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { callerOf, type HttpEvent } from './event.ts';
import { type HttpResponse, json, ProblemError } from './problem.ts';
import { invalidParameter, prefersAsync, readIdempotencyKey, readJson, readQuery } from './read-event.ts';
import { viewOf } from './record-view.ts';
import { resolutionRequest } from './resolution-request.ts';
import type { RecordView } from './schemas.ts';

export interface HttpApiPorts {
  readonly submitter: Submitter;
  readonly ledger: Pick<Ledger, 'get'> & RecordList;
  readonly gate: Pick<Gate, 'look' | 'pause'>;
  readonly apiKeys: ApiKeys;
  readonly notes: Pick<AccountNotesStore, 'read'>;
  /** Looks at a generation once. */
  readonly follow: (record: AvatarRecord, invocation: Invocation) => Promise<AvatarRecord>;
  readonly resolve: (id: string, decision: Decision, invocation: Invocation) => Promise<Resolution>;
  readonly signImageLink: SignImageLink;
  readonly clock: Clock;
  /** Named to people who have to put a key into it. */
  readonly secretId: string;
  /** Told of what became of each POST, and of each that was not valid. */
  readonly onSubmission: (submission: Submission | { readonly kind: 'invalid' }) => void;
}

type Route = (event: HttpEvent, invocation: Invocation) => Promise<HttpResponse>;

export const DEFAULT_LIST_LIMIT = 20;
export const MOST_LIST_LIMIT = 100;

/** Answers every request of the HTTP API. Errors that are the caller's are answers; all others are thrown. */
export const createHttpApi = (ports: HttpApiPorts): Route => {
  const { submitter, ledger, gate, apiKeys, notes, follow, resolve, signImageLink, clock, secretId } = ports;
  const { onSubmission } = ports;

  const look = async () => {
    const key = await apiKeys.current();
    const [account, noted] = await Promise.all([
      gate.look(key.kind === 'present' ? keyFingerprint(key.value) : ''),
      notes.read(),
    ]);
    return { key, account: accountViewOf(account, noted) };
  };

  const idOf = (event: HttpEvent): string => {
    const id = event.pathParameters?.id ?? '';
    if (!ID_PATTERN.test(id)) throw notFound();
    return id;
  };

  /** The view of one record, with links to our copies of its pictures. */
  const viewWithLinks = async (record: AvatarRecord): Promise<RecordView> => {
    const view = viewOf(record);
    const links = await Promise.all((record.images ?? []).map(({ copy }) => copy && signImageLink(copy.key)));
    return { ...view, images: view.images?.map((image, at) => ({ ...image, link: links[at] })) };
  };

  const routes: Record<string, Route> = {
    async 'POST /photo-avatars'(event, invocation) {
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
        const { key: apiKey, account } = await look();
        return json(200, {
          dry_run: true,
          request: read.request,
          api_key: apiKey.kind,
          account,
        });
      }
      const caller = callerOf(event);
      const submission = await submitter[prefersAsync(event) ? 'enqueue' : 'submit'](
        {
          source: 'http',
          caller: caller.name,
          request: read.request,
          idempotency: key === undefined ? undefined : { namespace: `http:${caller.namespace}`, key },
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
      // Who waits for the pictures is not a minute late.
      const isDue = record.open === 'generating' && Date.parse(record.dueAt ?? '') <= clock();
      return json(200, await viewWithLinks(isDue ? await follow(record, invocation) : record));
    },

    async 'POST /photo-avatars/{id}/resolution'(event, invocation) {
      readQuery(event, []);
      const id = idOf(event);
      const read = resolutionRequest.safeParse(readJson(event));
      if (!read.success) {
        throw invalidBody(read.error, 'Send {"action": "resubmit" | "close", "reason": "…"}.');
      }
      const resolution = await resolve(id, { ...read.data, by: callerOf(event).name }, invocation);
      switch (resolution.kind) {
        case 'resolved':
          return json(200, viewOf(resolution.record));
        case 'not_open':
          throw new ProblemError(
            'not-settleable',
            `This photo avatar is ${resolution.record.status}; only one that failed or is in doubt, and was not settled yet, is settled by a person.`,
            { record: viewOf(resolution.record) },
          );
        case 'unknown':
          throw notFound();
        default:
          return resolution satisfies never;
      }
    },

    async 'GET /photo-avatars'(event) {
      const query = readQuery(event, ['status', 'limit', 'cursor']);
      const status = STATUSES.find((known) => known === query.status);
      if (query.status !== undefined && !status) {
        throw invalidParameter('status', `must be one of ${STATUSES.join(', ')}`);
      }
      const limit = Number(query.limit ?? DEFAULT_LIST_LIMIT);
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LIST_LIMIT) {
        throw invalidParameter('limit', `must be a whole number from 1 to ${MOST_LIST_LIMIT}`);
      }
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
      if (query.cursor !== undefined && !after) {
        throw invalidParameter('cursor', 'must be the next_cursor of an earlier answer');
      }
      const { records, next } = await ledger.list({ status, limit, after });
      return json(200, { items: records.map(viewOf), next_cursor: next && encodeCursor(next) });
    },

    async 'GET /account'(event) {
      readQuery(event, []);
      return json(200, (await look()).account);
    },

    async 'PATCH /account'(event) {
      readQuery(event, []);
      const patch = accountPatch.safeParse(readJson(event));
      if (!patch.success) {
        throw invalidBody(patch.error, 'Send {"paused": true} or {"paused": false}.');
      }
      await gate.pause(patch.data.paused ? { by: callerOf(event).name } : undefined);
      return json(200, (await look()).account);
    },

    async 'GET /openapi.json'(event) {
      readQuery(event, []);
      // Every start would build it, and hardly anybody asks.
      const { default: document } = await import('../../docs/openapi.json', { with: { type: 'json' } });
      return json(200, document);
    },
  };

  return async (event, invocation) => {
    try {
      const route = routes[event.routeKey];
      if (!route) throw noRoute(event, Object.keys(routes));
      return await route(event, invocation);
    } catch (error) {
      if (error instanceof ProblemError) return error.response;
      throw error;
    }
  };
};

const notFound = (): ProblemError => new ProblemError('not-found', 'No photo avatar has this id.');

const invalidBody = ({ issues }: z.core.$ZodError, detail: string): ProblemError =>
  new ProblemError('invalid-request', detail, {
    errors: issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })),
  });

/** What is wrong with a request that met no route: its path, or only its method. */
const noRoute = (
  { requestContext: { http }, rawPath }: HttpEvent,
  routeKeys: readonly string[],
): ProblemError => {
  const methods = routeKeys
    .map((key) => key.split(' ') as [method: string, path: string])
    .filter(([, path]) => new RegExp(`^${path.replace(/\{\w+\}/, '[^/]+')}$`).test(rawPath))
    .map(([method]) => method);
  return methods.length === 0
    ? new ProblemError('route-not-found', 'See GET /openapi.json for what there is.')
    : new ProblemError(
        'method-not-allowed',
        `${http.method} is not one of the methods of this path: ${methods.join(', ')}.`,
        {},
        { allow: methods.join(', ') },
      );
};
