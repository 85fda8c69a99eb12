import type { Ledger, OpenRecords } from '../lambda/domain/ports.ts';
import type { AvatarRecord } from '../lambda/domain/record/record.ts';

/**
 * Adds the index of open records to a ledger. `propagate` applies each write to the index, now or later. As in
 * DynamoDB, an index that lags behind shows earlier versions.
 */
export const withOpenIndex = (
  ledger: Ledger,
  propagate: (apply: () => void) => void = (apply) => apply(),
): Ledger & OpenRecords => {
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
    async due(state, { now, limit }) {
      return [...index.values()]
        .flatMap((record) =>
          record.open === state && record.dueAt !== undefined
            ? [{ record, dueAt: Date.parse(record.dueAt) }]
            : [],
        )
        .filter(({ dueAt }) => dueAt <= now)
        .sort((one, other) => one.dueAt - other.dueAt)
        .slice(0, limit)
        .map(({ record }) => record);
    },
  };
};
