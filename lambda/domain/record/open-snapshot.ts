import type { AllOpenRecords, OldestRecord, OpenRecords } from '../ports.ts';
import { type AvatarRecord, instantOf, type OpenState } from './record.ts';

/** Open records up to which one read replaces the reads of each state. */
const MAX_RECORDS = 25;

const byDueTime = (one: AvatarRecord, other: AvatarRecord): number =>
  (one.dueAt ?? '') < (other.dueAt ?? '') ? -1 : 1;

const byCreation = (one: AvatarRecord, other: AvatarRecord): number =>
  one.createdAt < other.createdAt ? -1 : 1;

/**
 * Reads what is open at the start of a run at once. Most runs find little or nothing, and then read nothing else.
 *
 * @returns a function that makes a reader for each part of the run. A reader answers from that read the first time that
 * it is asked for a state, page by page, and from the ledger afterwards. With many open records it always asks the ledger.
 */
export const openSnapshot = (
  ledger: OpenRecords & AllOpenRecords & OldestRecord,
): (() => OpenRecords & OldestRecord) => {
  // An error here is not one of the run: the reads of each state report their own.
  const taken = ledger.allOpen(MAX_RECORDS).catch(() => undefined);

  return () => {
    const served = new Set<OpenState>();
    return {
      async due(state, query) {
        const all = await taken;
        const { now, limit, after } = query;
        if (!all || (after === undefined && served.has(state))) return ledger.due(state, query);
        served.add(state);
        const due = all
          .filter(({ open, dueAt }) => open === state && dueAt !== undefined && dueAt <= instantOf(now))
          .sort(byDueTime);
        const start = after ? due.findIndex(({ id }) => id === after.id) + 1 : 0;
        return after && start === 0 ? ledger.due(state, query) : due.slice(start, start + limit);
      },
      async oldest(status) {
        // Every generation is open. Of other records, those without work are not.
        const all = status === 'generating' ? await taken : undefined;
        if (!all) return ledger.oldest(status);
        return all.filter((record) => record.status === status).sort(byCreation)[0];
      },
    };
  };
};
