import type { Ledger } from '../lambda/domain/ports.ts';
import type { AvatarRecord } from '../lambda/domain/record/record.ts';

export interface InMemoryLedger extends Ledger {
  /** All records, in the order of acceptance. */
  records(): AvatarRecord[];
}

/** The ledger in memory, with the real ledger's write conditions. */
export const createInMemoryLedger = (): InMemoryLedger => {
  const stored = new Map<string, AvatarRecord>();
  const copyOf = (record: AvatarRecord | undefined) => record && structuredClone(record);
  return {
    records: () => structuredClone([...stored.values()]),
    async create(record) {
      const existing = copyOf(stored.get(record.id));
      if (existing) return { kind: 'exists', record: existing };
      stored.set(record.id, structuredClone(record));
      return { kind: 'created' };
    },
    async replace(next) {
      const existing = copyOf(stored.get(next.id));
      if (existing?.version !== next.version - 1) return { kind: 'conflict', record: existing };
      stored.set(next.id, structuredClone(next));
      return { kind: 'stored' };
    },
    get: async (id) => copyOf(stored.get(id)),
  };
};
