import { randomUUID } from 'node:crypto';
import type { Closed } from './gate.ts';
import type { Gate } from './gatekeeper.ts';
import { keyFingerprint } from './identity.ts';
import {
  CALL_TIMEOUT_MS,
  createPaidCall,
  type Invocation,
  leaseUntil,
  type PaidCallPorts,
  RECORDING_RESERVE_MS,
} from './paid-call.ts';
import type { ApiKeyState, Ledger, OpenRecords } from './ports.ts';
import { type ClaimedRecord, isQueued, type SubmittableRecord } from './record.ts';
import { claimed } from './submitting.ts';

export interface DrainPorts extends PaidCallPorts {
  readonly ledger: Pick<Ledger, 'replace'> & OpenRecords;
  readonly gate: Pick<Gate, 'take' | 'giveBack'>;
  /** Resolves after so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface DrainOptions {
  /** Most paid calls at the same time: with slow answers, one after the other would not use the rate. */
  readonly concurrency: number;
  /** Whether to wait for slots as long as the invocation lasts, or to leave what finds none. */
  readonly patient: boolean;
}

/** Why a drain ended. */
export type DrainEnd =
  | { readonly kind: 'empty' | 'out_of_time' }
  | { readonly kind: 'closed'; readonly why: Closed }
  | { readonly kind: 'no_api_key'; readonly state: Exclude<ApiKeyState, { kind: 'present' }> };

export interface Drained {
  /** Paid calls made. */
  readonly calls: number;
  readonly end: DrainEnd;
}

/** How much is read of the line at a time. More than one, because the index may still show what was just taken. */
const PAGE = 25;

/** The longest sleep, in milliseconds: a slot of somebody else's may be given back early. */
const LONGEST_NAP_MS = 5_000;

const SHORTEST_NAP_MS = 20;

/**
 * Submits what is queued, the oldest first, at the account's rate. Any number of drains may run at once: each
 * record goes to whoever claims it, each slot to whoever takes it.
 */
export const createDrain = (ports: DrainPorts) => {
  const { ledger, gate, apiKeys, clock, wait } = ports;
  const payFor = createPaidCall(ports);

  return async (invocation: Invocation, { concurrency, patient }: DrainOptions): Promise<Drained> => {
    const lastStart = invocation.deadline - CALL_TIMEOUT_MS - RECORDING_RESERVE_MS;
    const inFlight = new Set<Promise<unknown>>();
    /** Versions that were tried already: the index may show a record for a while as it was before. */
    const tried = new Map<string, number>();
    let calls = 0;

    const nextInLine = async (): Promise<SubmittableRecord[]> => {
      for (let limit = PAGE; ; limit *= 2) {
        const due = await ledger.due('queued', { now: clock(), limit });
        const line = due.filter(isQueued).filter(({ id, version }) => version > (tried.get(id) ?? -1));
        // A page of nothing but records that were just taken hides what stands behind them.
        if (line.length > 0 || due.length < limit) return line;
      }
    };

    /** Claims the first of the line that nobody else has. */
    const claimFirst = async (
      line: readonly SubmittableRecord[],
      attemptId: string,
    ): Promise<ClaimedRecord | undefined> => {
      for (const record of line) {
        tried.set(record.id, record.version);
        const at = { now: clock(), by: invocation.id };
        const mine = claimed(record, { attemptId, leaseUntil: leaseUntil(invocation), ...at });
        if ((await ledger.replace(mine)).kind === 'stored') return mine;
      }
      return undefined;
    };

    /** One request, if there is one, a slot and a key. Says why not, or `undefined` for "go on". */
    const submitNext = async (): Promise<DrainEnd | undefined> => {
      const line = await nextInLine();
      if (line.length === 0) return { kind: 'empty' };
      const apiKey = await apiKeys.current();
      if (apiKey.kind !== 'present') return { kind: 'no_api_key', state: apiKey };

      const attemptId = randomUUID();
      const key = keyFingerprint(apiKey.value);
      const slot = await gate.take({ attemptId, leaseUntil: leaseUntil(invocation), key });
      if (slot.kind === 'closed') return slot;

      const returnUnused = () => gate.giveBack({ attemptId, ...slot, key, outcome: { kind: 'unused' } });
      const record = await claimFirst(line, attemptId).catch(async (error: unknown) => {
        await returnUnused();
        throw error;
      });
      if (!record) {
        await returnUnused();
        return undefined;
      }
      calls += 1;
      const call = payFor({ record, slot, apiKey: apiKey.value }, 'later', invocation).finally(() =>
        inFlight.delete(call),
      );
      inFlight.add(call);
      return undefined;
    };

    /** Waits until something may have changed; `false` if that is not worth it. */
    const waitFor = async (end: DrainEnd): Promise<boolean> => {
      if (end.kind !== 'closed') return false;
      const { why } = end;
      if (why.kind === 'blocked' && inFlight.size > 0) {
        // One of these is the probe, which may open the gate for the rest.
        await Promise.race(inFlight);
        return true;
      }
      if (!patient || (why.kind !== 'full' && why.kind !== 'waiting')) return false;
      const nap = Math.min(Math.max(why.until - clock(), SHORTEST_NAP_MS), LONGEST_NAP_MS);
      if (clock() + nap > lastStart) return false;
      await wait(nap);
      return true;
    };

    const run = async (): Promise<DrainEnd> => {
      while (clock() <= lastStart) {
        if (inFlight.size >= concurrency) {
          await Promise.race(inFlight);
          continue;
        }
        const end = await submitNext();
        if (end && !(await waitFor(end))) return end;
      }
      return { kind: 'out_of_time' };
    };

    try {
      return { end: await run(), calls };
    } finally {
      await Promise.allSettled(inFlight);
    }
  };
};
