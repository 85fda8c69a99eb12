import type { AllOpenRecords, Ledger, OpenRecords } from '../lambda/domain/ports.ts';
import type { AvatarRecord } from '../lambda/domain/record/record.ts';

type Position = Pick<AvatarRecord, 'id' | 'dueAt'>;

const keyOf = ({ id, dueAt = '' }: Position): string => `${dueAt}#${id}`;

/** The order of the index: by due time, and always the same for records that are due at the same time. */
const compare = (one: Position, other: Position): number =>
  keyOf(one) < keyOf(other) ? -1 : Number(keyOf(one) > keyOf(other));

/**
 * Adds the index of open records to a ledger. `propagate` applies each write to the index, now or later. As in
 * DynamoDB, an index that lags behind shows earlier versions.
 */
export const withOpenIndex = (
  ledger: Ledger,
  propagate: (apply: () => void) => void = (apply) => apply(),
): Ledger & OpenRecords & AllOpenRecords => {
  const index = new Map<string, AvatarRecord>();
  const update = (record: AvatarRecord): void =>
    propagate(() => {
      if ((index.get(record.id)?.version ?? -1) < record.version) index.set(record.id, record);
    });
  return {
    get: ledger.get,
    async create(record) {
      const created = await ledger.create(record);
      if (created.kind === 'created') update(record);
      return created;
    },
    async replace(next) {
      const replaced = await ledger.replace(next);
      if (replaced.kind === 'stored') update(next);
      return replaced;
    },
    async allOpen(limit) {
      const all = [...index.values()].filter(({ open }) => open !== undefined);
      return all.length < limit ? all : undefined;
    },
    async due(state, { now, limit, after }) {
      return [...index.values()]
        .filter((record) => record.open === state && Date.parse(record.dueAt ?? '') <= now)
        .filter((record) => after === undefined || compare(record, after) > 0)
        .sort(compare)
        .slice(0, limit);
    },
  };
};
