import { createDrain, type Drained, type DrainOptions, type DrainPorts } from '../../lambda/domain/drain.ts';
import type { GateSettings } from '../../lambda/domain/gate.ts';
import { createGate } from '../../lambda/domain/gatekeeper.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { ApiKeyState } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record.ts';
import { acceptedAsQueued } from '../../lambda/domain/submitting.ts';
import { createVirtualTime } from '../model/virtual-time.ts';
import { createInMemoryGateStore } from './in-memory-gate-store.ts';
import { createInMemoryLedger } from './in-memory-ledger.ts';
import { withOpenIndex } from './open-index.ts';
import { AVATAR } from './requests.ts';

export const MINUTE = 60_000;

/** As dispatch runs. */
export const DISPATCH: DrainOptions = { concurrency: 20, patient: true };

/** As intake runs. */
export const INTAKE: DrainOptions = { concurrency: 5, patient: false };

const START = Date.UTC(2026, 10, 22, 12);

export interface DrainWorldOptions extends Partial<GateSettings> {
  /** Milliseconds by which the index of open records is behind. */
  readonly indexLagMs?: number;
  /** How long JoggAI takes for an answer. */
  readonly callMs?: number;
}

/** A line of queued requests before a gate, on a virtual clock. */
export const createDrainWorld = ({ indexLagMs, callMs = 500, ...settings }: DrainWorldOptions = {}) => {
  const time = createVirtualTime(START);
  const records = createInMemoryLedger();
  const ledger = withOpenIndex(records, (apply) => {
    if (indexLagMs === undefined) apply();
    else time.wait(indexLagMs).then(apply);
  });
  const store = createInMemoryGateStore(async () => {});
  const gate = () =>
    createGate({
      store,
      settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 1_000, ...settings },
      clock: time.clock,
    });

  const key: { state: ApiKeyState } = { state: { kind: 'present', value: 'key-1' } };
  const joggai = {
    /** What was sent, in the order of sending, and how long after the beginning. */
    calls: [] as { readonly name: string; readonly atMs: number }[],
    atOnce: 0,
    mostAtOnce: 0,
    answer: (name: string): Outcome => ({ kind: 'accepted', photoId: `photo of ${name}` }),
  };
  const ports: DrainPorts = {
    ledger,
    gate: gate(),
    paidApi: {
      async generate({ appearance: name = '' }) {
        joggai.calls.push({ name, atMs: time.clock() - START });
        joggai.atOnce += 1;
        joggai.mostAtOnce = Math.max(joggai.mostAtOnce, joggai.atOnce);
        const outcome = joggai.answer(name);
        await time.wait(callMs);
        joggai.atOnce -= 1;
        return outcome;
      },
    },
    apiKeys: { current: async () => key.state, refreshed: async () => key.state },
    clock: time.clock,
    events: { settled() {}, unrecorded() {}, slotNotReturned() {} },
    wait: time.wait,
  };

  return {
    time,
    ledger,
    store,
    gate,
    key,
    joggai,
    ports,
    /** Puts requests of these names into the line, one behind the other. */
    async enqueue(...names: readonly string[]) {
      for (const name of names) {
        const request = { ...AVATAR, appearance: name };
        const fresh = { id: name, source: 'queue', caller: 'queue', request } as const;
        await ledger.create(acceptedAsQueued(fresh, { now: time.clock(), by: 'intake' }));
        await time.finish(time.wait(1));
      }
    },
    drain(
      options: DrainOptions = DISPATCH,
      { timeLeftMs = 2 * MINUTE, ...change }: Partial<DrainPorts> & { readonly timeLeftMs?: number } = {},
    ): Promise<Drained> {
      const drain = createDrain({ ...ports, ...change });
      return drain({ id: 'dispatch', deadline: time.clock() + timeLeftMs }, options);
    },
    sent: () => joggai.calls.map(({ name }) => name),
    async record(id: string): Promise<AvatarRecord> {
      const record = await records.get(id);
      if (!record) throw new Error(`There is no record ${id}.`);
      return record;
    },
    slotsInUse: async () => (await gate().look('')).slots.inUse,
  };
};

/** Names of so many requests, in the order of the line. */
export const line = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `request ${index}`);
