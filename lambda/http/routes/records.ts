import type { Refresh } from '../../domain/generation/refresh.ts';
import type {
  Clock,
  Invocation,
  Ledger,
  OpenPosition,
  RecordList,
  SignImageLink,
} from '../../domain/ports.ts';
import { type AvatarRecord, isQueued, STATUSES } from '../../domain/record/record.ts';
import { hasAtMost } from '../../domain/request/text.ts';
import { MAX_PARTITION_KEY_BYTES } from '../../shared/table.ts';
import type { ViewOf } from '../../views/record-view.ts';
import type { RecordView } from '../../views/schemas.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { fitting } from '../fitting.ts';
import { json, ProblemError } from '../problem.ts';
import { invalidParameter, readQuery } from '../read-event.ts';
import { idOf, notFound, type Routes } from './route.ts';

export interface RecordRoutePorts {
  readonly ledger: Pick<Ledger, 'get'> & RecordList & OpenPosition;
  /** Polls a generation once. */
  readonly pollGeneration: (record: AvatarRecord, invocation: Invocation) => Promise<AvatarRecord>;
  readonly refresh: (id: string, invocation: Invocation) => Promise<Refresh>;
  readonly viewOf: ViewOf;
  readonly signImageLink: SignImageLink;
  readonly clock: Clock;
}

export const DEFAULT_LIST_LIMIT = 20;
export const MAX_LIST_LIMIT = 100;

/** The routes that read records. */
export const recordRoutes = ({
  ledger,
  pollGeneration,
  refresh,
  viewOf,
  signImageLink,
  clock,
}: RecordRoutePorts): Routes<
  'GET /photo-avatars' | 'GET /photo-avatars/{id}' | 'POST /photo-avatars/{id}/refresh'
> => {
  /** The view of one record, with links to the copies of its images and its place in the queue. */
  const wholeViewOf = async (record: AvatarRecord): Promise<RecordView> => {
    const view = viewOf(record);
    const links = await Promise.all((record.images ?? []).map(({ copy }) => copy && signImageLink(copy.key)));
    const position = isQueued(record) ? await ledger.positionOf(record) : undefined;
    return {
      ...view,
      images: view.images?.map((image, at) => ({ ...image, link: links[at] })),
      position: position && { ahead: position.ahead, ...(position.isAtLeast && { at_least: true }) },
    };
  };

  return {
    async 'GET /photo-avatars'(event) {
      const query = readQuery(event, ['status', 'caller', 'limit', 'cursor']);
      const status = STATUSES.find((known) => known === query.status);
      if (query.status !== undefined && !status) {
        throw invalidParameter('status', `must be one of ${STATUSES.join(', ')}`);
      }
      const { caller } = query;
      if (caller === '' || (caller !== undefined && !hasAtMost(MAX_PARTITION_KEY_BYTES, caller))) {
        throw invalidParameter(
          'caller',
          `must have 1 to ${MAX_PARTITION_KEY_BYTES} characters, as a record shows it`,
        );
      }
      const limit = query.limit === undefined ? DEFAULT_LIST_LIMIT : Number(query.limit);
      if (!/^\d+$/.test(query.limit ?? '1') || limit < 1 || limit > MAX_LIST_LIMIT) {
        throw invalidParameter('limit', `must be a whole number from 1 to ${MAX_LIST_LIMIT}`);
      }
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
      if (query.cursor !== undefined && !after) {
        throw invalidParameter('cursor', 'must be the next_cursor of an earlier answer');
      }
      // No record can have such a caller: its name would not fit the index.
      if (caller !== undefined && Buffer.byteLength(caller) > MAX_PARTITION_KEY_BYTES) {
        return json(200, { items: [] });
      }
      const { records, next } = await ledger.list({ status, caller, limit, after });
      const items = fitting(records.map(viewOf));
      const end = items.length < records.length ? records[items.length - 1] : next;
      return json(200, { items, next_cursor: end && encodeCursor(end) });
    },

    async 'GET /photo-avatars/{id}'(event, invocation) {
      readQuery(event, []);
      const record = await ledger.get(idOf(event));
      if (!record) throw notFound();
      // Poll now: a caller who waits for the images should not have to wait for the next dispatch.
      const isDue = record.open === 'generating' && Date.parse(record.dueAt ?? '') <= clock();
      return json(200, await wholeViewOf(isDue ? await pollGeneration(record, invocation) : record));
    },

    async 'POST /photo-avatars/{id}/refresh'(event, invocation) {
      readQuery(event, []);
      const refreshed = await refresh(idOf(event), invocation);
      switch (refreshed.kind) {
        case 'refreshed':
          return json(200, await wholeViewOf(refreshed.record));
        case 'not_refreshable':
          throw new ProblemError(
            'not-refreshable',
            refreshed.record.erasure
              ? 'This photo avatar was erased. Its images are not fetched again.'
              : `This photo avatar is ${refreshed.record.status}. Only one that JoggAI accepted can be refreshed.`,
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
  };
};
