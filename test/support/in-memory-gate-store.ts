import { EMPTY_GATE, type GateView } from '../../lambda/domain/gate.ts';
import type { GateStore } from '../../lambda/domain/gatekeeper.ts';

export interface InMemoryGateStore extends GateStore {
  /** The item as it is now. */
  view(): GateView;
  /** How often each operation was called, and how many writes met somebody else's. */
  readonly counts: { reads: number; writes: number; conflicts: number };
}

/** Whoever decided at the same moment gets in between. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The gate item in memory, with the compare-and-set of the real one: every part has a revision of its own.
 *
 * @param roundTrip what a write waits for before it arrives
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
      const isAsSeen =
        dependsOn.slots.every((index) => view.slots.get(index)?.rev === seen.slots.get(index)?.rev) &&
        (!dependsOn.account || view.account?.rev === seen.account?.rev);
      if (!isAsSeen) {
        counts.conflicts += 1;
        return { kind: 'conflict', view };
      }
      revision += 1;
      const rev = String(revision);
      const written = [...slots].map(([index, slot]) => [index, { ...slot, rev }] as const);
      view = {
        slots: new Map([...view.slots, ...written]),
        account: account === undefined ? view.account : { ...account, rev },
      };
      return { kind: 'written', view };
    },
  };
};
