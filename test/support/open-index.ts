import type { Ledger, OpenRecords } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record.ts';

/**
 * A ledger's writes with the index of what is open, which learns of each write when `publish` gets round to it.
 * As in DynamoDB, an index that is behind shows records as they were.
 */
export const withOpenIndex = (
  ledger: Ledger,
  publish: (apply: () => void) => void = (apply) => apply(),
): Ledger & OpenRecords => {
  const index = new Map<string, AvatarRecord>();
  const learn = (record: AvatarRecord): void =>
    publish(() => {
      if ((index.get(record.id)?.version ?? -1) < record.version) index.set(record.id, record);
    });
  return {
    get: ledger.get,
    async create(record) {
      const created = await ledger.create(record);
      if (created.kind === 'created') learn(record);
      return created;
    },
    async replace(next) {
      const replaced = await ledger.replace(next);
      if (replaced.kind === 'stored') learn(next);
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
