import type { GateSettings } from '../../lambda/domain/gate/account-rules.ts';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { ApiKeyState } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import {
  createDrain,
  type Drained,
  type DrainOptions,
  type DrainPorts,
} from '../../lambda/domain/submission/drain.ts';
import { acceptedAsQueued } from '../../lambda/domain/submission/submission-rules.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { withOpenIndex } from '../../model/open-index.ts';
import { createVirtualTime } from '../../model/virtual-time.ts';
import { AVATAR } from './requests.ts';

export const MINUTE = 60_000;

/** The options of dispatch. */
export const DISPATCH: DrainOptions = { concurrency: 20, waitForSlots: true };

/** The options of intake. */
export const INTAKE: DrainOptions = { concurrency: 5, waitForSlots: false };

const START = Date.UTC(2026, 10, 22, 12);

export interface DrainWorldOptions extends Partial<GateSettings> {
  /** Lag of the index of open records, in milliseconds. */
  readonly indexLagMs?: number;
  /** JoggAI's response time. */
  readonly callMs?: number;
}

/** A queue of requests and a gate, on a virtual clock. */
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
    /** The calls in the order of sending, with the time since the start. */
    calls: [] as { readonly name: string; readonly atMs: number }[],
    inFlight: 0,
    maxInFlight: 0,
    answer: (name: string): Outcome => ({ kind: 'accepted', photoId: `photo of ${name}` }),
  };
  const ports: DrainPorts = {
    ledger,
    gate: gate(),
    paidApi: {
      expectCall() {},
      async generate({ appearance: name = '' }) {
        joggai.calls.push({ name, atMs: time.clock() - START });
        joggai.inFlight += 1;
        joggai.maxInFlight = Math.max(joggai.maxInFlight, joggai.inFlight);
        const outcome = joggai.answer(name);
        await time.wait(callMs);
        joggai.inFlight -= 1;
        return outcome;
      },
    },
    apiKeys: { current: async () => key.state, refreshed: async () => key.state },
    clock: time.clock,
    events: { outcomeRecorded() {}, outcomeNotRecorded() {}, slotNotReleased() {} },
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
    /** Queues requests with these names, one after the other. The first word of a name is its owner. */
    async enqueue(...names: readonly string[]) {
      for (const name of names) {
        const request = { ...AVATAR, appearance: name };
        const [owner] = name.split(' ');
        const fresh = { id: name, source: 'queue', caller: 'queue', owner, request } as const;
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
    slotsInUse: async () => (await gate().snapshot('')).slots.inUse,
  };
};

/** Names of `count` requests, in the order of the queue. */
export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `request ${index}`);
