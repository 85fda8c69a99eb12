import type { AccountBody, DryRun, RecordView } from '../lambda/views/schemas.ts';
import { createAuthorize } from './authorize.ts';
import { createDownload } from './download.ts';
import { isPhotoAvatarsError, isProblem, type PhotoAvatarsError } from './errors.ts';
import { notOfThisApi, refusedHere, retryAfterMs, toError } from './failure.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { CallOptions, ClientOptions, PhotoAvatarsClient } from './photo-avatars-client.ts';
import { isSameDecision } from './same-decision.ts';
import { REAL_TIMING } from './timing.ts';
import { type Answer, type Call, createTransport, jsonOf } from './transport.ts';
import { type Reading, waitUntilEnded } from './wait-for.ts';

/** Longer than API Gateway's 30 s. */
const ATTEMPT_TIMEOUT_MS = 35_000;

/** What the client sends besides the path. */
type Sending = Omit<Call, 'url' | 'method' | 'body' | 'authorize'> & { readonly value?: unknown };

/**
 * A client of one service.
 *
 * @throws TypeError if `url` is no http or https URL, if the region of `auth` is unknown, or if secrets would be sent
 *   without TLS
 */
export const createClient = ({
  url,
  auth,
  maxRetries = 4,
  attemptTimeoutMs = ATTEMPT_TIMEOUT_MS,
  maxRetryAfterMs = 120_000,
  fetch = globalThis.fetch,
  timing = REAL_TIMING,
}: ClientOptions): PhotoAvatarsClient => {
  const base = baseOf(url);
  const authorize = createAuthorize(auth, base);
  const send = createTransport({ maxRetries, attemptTimeoutMs, maxRetryAfterMs, fetch, timing });

  const call = (method: string, path: string, { value, headers, ...rest }: Sending = {}): Promise<Answer> =>
    send({
      ...rest,
      method,
      url: `${base.href.replace(/\/$/, '')}${path}`,
      authorize,
      headers: { ...headers, ...(value !== undefined && { 'content-type': 'application/json' }) },
      body: value === undefined ? undefined : JSON.stringify(value),
    });

  /** The JSON object that a route answers with. */
  const objectOf = <Body extends object>(
    answer: Answer,
    required: keyof Body & string,
    call: Sending = {},
  ): Body => {
    const value = jsonOf(answer);
    if (typeof value === 'object' && value !== null && required in value) return value as Body;
    throw toError(notOfThisApi({ ...answer, origin: base.origin }), call);
  };

  const recordOf = (answer: Answer, call?: Sending): RecordView =>
    objectOf<RecordView>(answer, 'history', call);

  /**
   * Calls a route of one record. Once the record turned out to be another caller's, the route for the records of all
   * callers is called.
   */
  const routeOf = (method: 'GET' | 'POST', id: string, route = '') => {
    let folder = '';
    return async (options: Sending): Promise<Reading> => {
      const callIt = async () => {
        const answer = await call(method, `${folder}${pathOf(id)}${route}`, options);
        return { record: recordOf(answer), retryAfterMs: retryAfterMs(answer.headers, timing.now()) };
      };
      if (folder !== '') return callIt();
      try {
        return await callIt();
      } catch (error) {
        if (!isProblem(error, 'other-caller')) throw error;
        folder = '/all-callers';
        return callIt().catch((refused: unknown) => {
          // The role may not use that path: then the problem says more than API Gateway.
          throw isPhotoAvatarsError(refused) && refused.status === 403 ? error : refused;
        });
      }
    };
  };

  const get: PhotoAvatarsClient['get'] = async (id, { signal } = {}) =>
    (await routeOf('GET', id)({ signal })).record;

  const change = async (method: string, path: string, { signal }: CallOptions = {}): Promise<RecordView> =>
    recordOf(await call(method, path, { signal }));

  const setPaused = async (paused: boolean, { signal }: CallOptions = {}): Promise<AccountBody> =>
    objectOf<AccountBody>(await call('PATCH', '/account', { value: { paused }, signal }), 'slots');

  const listPage: PhotoAvatarsClient['listPage'] = async ({
    status,
    caller,
    pageSize,
    cursor,
    signal,
  } = {}) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ status, caller, limit: pageSize, cursor })) {
      if (value !== undefined) query.set(name, String(value));
    }
    const answer = await call('GET', query.size > 0 ? `/photo-avatars?${query}` : '/photo-avatars', {
      signal,
    });
    const { items, next_cursor: nextCursor } = objectOf<{ items: RecordView[]; next_cursor?: string }>(
      answer,
      'items',
    );
    return { items, nextCursor };
  };

  return {
    get,
    listPage,

    async submit(request, { idempotencyKey = newIdempotencyKey(), respondAsync = false, signal } = {}) {
      const submission: Sending = {
        value: request,
        headers: { 'idempotency-key': idempotencyKey, ...(respondAsync && { prefer: 'respond-async' }) },
        pays: true,
        idempotencyKey,
        signal,
      };
      if (!/^[\x21-\x7e]+$/.test(idempotencyKey)) {
        const what = 'An idempotency key has 1 to 255 visible ASCII characters.';
        throw toError(refusedHere('invalid-header', what, 'Use another key.'), submission);
      }
      const answer = await call('POST', '/photo-avatars', submission);
      const record = recordOf(answer, submission);
      // The first answer had the outcome. The record will not have it before a person has resolved it.
      if (isProblem(answer.unsure, 'not-recorded') && ['submitting', 'in_doubt'].includes(record.status)) {
        throw answer.unsure;
      }
      return { record, idempotencyKey, replayed: answer.headers.get('idempotency-replayed') === 'true' };
    },

    dryRun: async (request, { signal } = {}): Promise<DryRun> =>
      objectOf<DryRun>(
        await call('POST', '/photo-avatars?dry_run=true', { value: request, signal }),
        'dry_run',
      ),

    async waitFor(id, options = {}) {
      const { signal } = options;
      const read = routeOf('GET', id);
      return waitUntilEnded(
        id,
        {
          read: (limitMs) => read({ signal, maxRetries: 0, attemptTimeoutMs: limitMs }),
          attemptTimeoutMs,
          timing,
        },
        options,
      );
    },

    async *list(query = {}) {
      let cursor: string | undefined;
      do {
        const page = await listPage({ ...query, cursor });
        yield* page.items;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    },

    async resolve(id, decision, { signal } = {}) {
      const { action, version, reason } = decision;
      const resolution: Sending = {
        value: { action, version, reason },
        pays: action === 'resubmit',
        signal,
      };
      try {
        return recordOf(await call('POST', `${pathOf(id)}/resolution`, resolution), resolution);
      } catch (error) {
        // An earlier attempt got no answer. It counted, if the record shows this very decision.
        if (isRefusedRepeat(error) && isSameDecision(error.record, decision)) return get(id, { signal });
        throw error;
      }
    },

    cancel: async (id, { signal } = {}) => (await routeOf('POST', id, '/cancellation')({ signal })).record,
    refresh: async (id, options) => change('POST', `${pathOf(id)}/refresh`, options),
    erase: async (id, options) => change('DELETE', pathOf(id), options),

    account: async ({ signal } = {}) =>
      objectOf<AccountBody>(await call('GET', '/account', { signal }), 'slots'),
    pause: (options) => setPaused(true, options),
    resume: (options) => setPaused(false, options),

    download: createDownload({ send, get }),
  };
};

const baseOf = (url: string): URL => {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (
    !base ||
    !/^https?:$/.test(base.protocol) ||
    base.username ||
    base.password ||
    base.search ||
    base.hash
  ) {
    throw new TypeError('url must be the URL of the API: https://, a host, and nothing that is secret.');
  }
  return base;
};

/**
 * The path of a record.
 *
 * @throws PhotoAvatarsError if no record can have the id: the URL parser would read `..` as another path
 */
const pathOf = (id: string): string => {
  if (/^[\w-]+$/.test(id)) return `/photo-avatars/${id}`;
  throw toError(
    refusedHere('not-found', 'No photo avatar has this id.', 'Use the id of a record: a UUID.'),
    {},
  );
};

/** Whether the API refused a repeat of a call whose first attempt it may have acted upon. */
const isRefusedRepeat = (error: unknown): error is PhotoAvatarsError =>
  (isProblem(error, 'not-resolvable') || isProblem(error, 'outdated-version')) &&
  isPhotoAvatarsError(error.cause);
