import type { PhotoAvatarsClient, RecordView } from '../../../client/index.ts';
import { isToResolve } from '../text/statuses.ts';

/** The records that a person has yet to decide about. */
export interface Unresolved {
  /** The oldest first. */
  readonly items: readonly RecordView[];
  /** Not all records were looked at: there may be more. */
  readonly isPartial: boolean;
}

/** The statuses that a record waits for a decision in. */
const STATUSES = ['in_doubt', 'failed', 'rejected'] as const;

const PAGE_SIZE = 100;

/** Reads the latest records of each status. The API has no filter for a missing decision. */
export const readUnresolved = async (client: Pick<PhotoAvatarsClient, 'listPage'>): Promise<Unresolved> => {
  const pages = [];
  // One after the other: what the person looks at is read beside it.
  for (const status of STATUSES) pages.push(await client.listPage({ status, pageSize: PAGE_SIZE }));
  return {
    items: pages
      .flatMap(({ items }) => items)
      .filter(isToResolve)
      .toSorted((a, b) => a.created_at.localeCompare(b.created_at)),
    isPartial: pages.some(({ nextCursor }) => nextCursor !== undefined),
  };
};
