import type { GateStore } from '../lambda/domain/gate/gate.ts';
import { EMPTY_GATE, type GateView } from '../lambda/domain/gate/gate-rules.ts';

export interface InMemoryGateStore extends GateStore {
  /** The item as it is now. */
  view(): GateView;
  /** Number of calls of each operation, and of writes that conflicted. */
  readonly counts: { reads: number; writes: number; conflicts: number };
}

/** Lets concurrent requests decide on the same view before a write arrives. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The gate item in memory, with the real store's compare-and-set: each part has its own revision.
 *
 * @param roundTrip delays a write before it arrives
 */
export const createInMemoryGateStore = (roundTrip = nextTurn): InMemoryGateStore => {
  let view: GateView = EMPTY_GATE;
  let revision = 0;
  const counts = { reads: 0, writes: 0, conflicts: 0 };
  return {
    counts,
    view: () => view,
    async read() {
      counts.reads += 1;
      return view;
    },
    async write({ slots, account, dependsOn }, seen) {
      counts.writes += 1;
      await roundTrip();
      const isUnchanged =
        dependsOn === 'item'
          ? view.rev === seen.rev
          : dependsOn.slots.every((index) => view.slots.get(index)?.rev === seen.slots.get(index)?.rev) &&
            (!dependsOn.account || view.account?.rev === seen.account?.rev);
      if (!isUnchanged) {
        counts.conflicts += 1;
        return { kind: 'conflict', view };
      }
      revision += 1;
      const rev = String(revision);
      const written = [...slots].map(([index, slot]) => [index, { ...slot, rev }] as const);
      view = {
        rev,
        slots: new Map([...view.slots, ...written]),
        account: account === undefined ? view.account : { ...account, rev },
      };
      return { kind: 'written', view };
    },
  };
};
