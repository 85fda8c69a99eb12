import type { GateSettings } from '../../lambda/domain/gate.ts';
import { createGate } from '../../lambda/domain/gatekeeper.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { SubmissionEvents } from '../../lambda/domain/paid-call.ts';
import type { ApiKeyState, ApiKeys, PaidApi } from '../../lambda/domain/ports.ts';
import { type Ask, createSubmitter, type SubmissionPorts } from '../../lambda/domain/submission.ts';
import { createInMemoryGateStore } from './in-memory-gate-store.ts';
import { createInMemoryLedger } from './in-memory-ledger.ts';
import { AVATAR } from './requests.ts';

export const T0 = Date.UTC(2026, 10, 22, 12);

/** How long an invocation may take, in milliseconds. */
export const INVOCATION_MS = 29_000;

export const ask = (fields: Partial<Ask> = {}): Ask => ({
  source: 'http',
  caller: 'someone',
  request: AVATAR,
  ...fields,
});

export const keyedAsk = (key: string, fields: Partial<Ask> = {}): Ask =>
  ask({ idempotency: { namespace: 'someone', key }, ...fields });

const mayHaveBeenCharged = ({ kind }: Outcome): boolean =>
  kind === 'accepted' || kind === 'failed' || kind === 'no_answer';

/** Everything that a submission touches, in memory, on a clock that stands still until a test moves it. */
export const createWorld = (settings: Partial<GateSettings> = {}) => {
  const time = { now: T0 };
  const clock = () => time.now;
  const ledger = createInMemoryLedger();
  const gateStore = createInMemoryGateStore();
  const createProcessGate = () =>
    createGate({
      store: gateStore,
      settings: { slots: 20, windowMs: 60_000, dailyCallLimit: 1_000, ...settings },
      clock,
    });

  /** What JoggAI was sent, and what it may have charged. Answers with an own photo_id unless told otherwise. */
  const joggai = {
    calls: [] as { readonly apiKey: string; readonly timeoutMs: number }[],
    charges: 0,
    answer: (apiKey: string): Outcome => ({ kind: 'accepted', photoId: `photo-${apiKey}` }),
  };
  const paidApi: PaidApi = {
    async generate(_request, { apiKey, timeoutMs }) {
      joggai.calls.push({ apiKey, timeoutMs });
      const outcome = joggai.answer(apiKey);
      if (mayHaveBeenCharged(outcome)) joggai.charges += 1;
      return outcome;
    },
  };

  /** The secret, and the key that a process still remembers. */
  const secret: { remembered: ApiKeyState; stored: ApiKeyState } = {
    remembered: { kind: 'present', value: 'key-1' },
    stored: { kind: 'present', value: 'key-1' },
  };
  let refreshes = 0;
  const apiKeys: ApiKeys = {
    current: async () => secret.remembered,
    async refreshed() {
      refreshes += 1;
      secret.remembered = secret.stored;
      return secret.stored;
    },
  };

  const told: string[] = [];
  const events: SubmissionEvents = {
    settled: ({ status }) => void told.push(`settled ${status}`),
    unrecorded: (_, problem) => void told.push(`unrecorded ${problem}`),
    slotNotReturned: (_, problem) => void told.push(`slot not returned ${problem}`),
  };

  let invocations = 0;
  const invocation = (timeLeftMs = INVOCATION_MS) => {
    invocations += 1;
    return { id: `invocation-${invocations}`, deadline: time.now + timeLeftMs };
  };

  /** A process of its own on the same world; `change` puts something else in the place of a port. */
  const process = (change: (ports: SubmissionPorts) => Partial<SubmissionPorts> = () => ({})) => {
    const ports: SubmissionPorts = { ledger, gate: createProcessGate(), paidApi, apiKeys, clock, events };
    return createSubmitter({ ...ports, ...change(ports) });
  };

  return {
    time,
    ledger,
    gateStore,
    joggai,
    secret,
    told,
    invocation,
    process,
    gate: createProcessGate,
    refreshes: () => refreshes,
    /** Slots that somebody holds now, or held until less than a window ago. */
    slotsInUse: async () => (await createProcessGate().look('key-1')).slots.inUse,
  };
};

export type World = ReturnType<typeof createWorld>;
