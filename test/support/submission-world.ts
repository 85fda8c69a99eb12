import type { GateSettings } from '../../lambda/domain/gate/account-rules.ts';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { ApiKeyState, ApiKeys, PaidApi } from '../../lambda/domain/ports.ts';
import type { SubmissionEvents } from '../../lambda/domain/submission/paid-call.ts';
import {
  createSubmitter,
  type SubmissionPorts,
  type SubmitCommand,
} from '../../lambda/domain/submission/submit.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { AVATAR } from './requests.ts';

export const T0 = Date.UTC(2026, 10, 22, 12);

/** Timeout of an invocation, in milliseconds. */
export const INVOCATION_MS = 29_000;

export const command = (fields: Partial<SubmitCommand> = {}): SubmitCommand => ({
  source: 'http',
  caller: 'someone',
  owner: 'someone',
  request: AVATAR,
  ...fields,
});

export const keyedCommand = (key: string, fields: Partial<SubmitCommand> = {}): SubmitCommand =>
  command({ idempotency: { namespace: 'someone', key }, ...fields });

const mayHaveBeenCharged = ({ kind }: Outcome): boolean =>
  kind === 'accepted' || kind === 'failed' || kind === 'no_answer';

/** All ports of a submission, in memory, on a clock that only the test advances. */
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

  /** The calls to JoggAI, and the number that may have been charged. Accepts each call by default. */
  const joggai = {
    calls: [] as { readonly apiKey: string; readonly timeoutMs: number }[],
    charges: 0,
    answer: (apiKey: string): Outcome => ({ kind: 'accepted', photoId: `photo-${apiKey}` }),
  };
  const paidApi: PaidApi = {
    expectCall() {},
    async generate(_request, { apiKey, timeoutMs }) {
      joggai.calls.push({ apiKey, timeoutMs });
      const outcome = joggai.answer(apiKey);
      if (mayHaveBeenCharged(outcome)) joggai.charges += 1;
      return outcome;
    },
  };

  /** The secret, and the key that a process has cached. */
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

  const reported: string[] = [];
  const events: SubmissionEvents = {
    outcomeRecorded: ({ status }) => void reported.push(`recorded ${status}`),
    outcomeNotRecorded: (_, problem) => void reported.push(`not recorded ${problem}`),
    slotNotReleased: (_, problem) => void reported.push(`slot not released ${problem}`),
  };

  let invocations = 0;
  const invocation = (timeLeftMs = INVOCATION_MS) => {
    invocations += 1;
    return { id: `invocation-${invocations}`, deadline: time.now + timeLeftMs };
  };

  /** A new process in the same world; `change` replaces ports. */
  const process = (change: (ports: SubmissionPorts) => Partial<SubmissionPorts> = () => ({})) => {
    const ports: SubmissionPorts = {
      ledger,
      gate: createProcessGate(),
      paidApi,
      apiKeys,
      clock,
      events,
      wait: async (milliseconds) => {
        time.now += milliseconds;
      },
    };
    return createSubmitter({ ...ports, ...change(ports) });
  };

  return {
    time,
    ledger,
    gateStore,
    joggai,
    secret,
    reported,
    invocation,
    process,
    gate: createProcessGate,
    refreshes: () => refreshes,
    /** Slots that are held, or were released less than a window ago. */
    slotsInUse: async () => (await createProcessGate().snapshot('key-1')).slots.inUse,
  };
};

export type World = ReturnType<typeof createWorld>;
