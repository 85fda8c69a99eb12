import { randomUUID } from 'node:crypto';
import { endsSoon, type Rejection } from '../gate/gate-rules.ts';
import { healthOf } from '../outcome.ts';
import type { ApiKeyState, Invocation, Ledger, OpenRecords } from '../ports.ts';
import { type AvatarRecord, type ClaimedRecord, isQueued, type SubmittableRecord } from '../record/record.ts';
import { keyFingerprint } from '../request/identity.ts';
import { acquireSlot } from './acquire-slot.ts';
import { releaseStored } from './end-claim.ts';
import {
  CALL_TIMEOUT_MS,
  createPaidCall,
  leaseUntil,
  type PaidCallPorts,
  RECORDING_RESERVE_MS,
} from './paid-call.ts';
import { claimed, claimReleased, postponedTo } from './submission-rules.ts';

export interface DrainPorts extends PaidCallPorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'> & OpenRecords;
}

export interface DrainOptions {
  /** Paid calls at the same time. With slow answers, one at a time would not use the rate. */
  readonly concurrency: number;
  /** Whether to wait for slots while the invocation lasts, or to end when none is free. */
  readonly waitForSlots: boolean;
}

/** Why a drain ended. */
export type DrainEnd =
  | { readonly kind: 'empty' | 'out_of_time' }
  | { readonly kind: 'rejected_by_gate'; readonly rejection: Rejection }
  | { readonly kind: 'no_api_key'; readonly state: Exclude<ApiKeyState, { kind: 'present' }> };

export interface Drained {
  /** Paid calls made. */
  readonly calls: number;
  readonly end: DrainEnd;
}

/** Queued records read at a time. The index may still show records that were just claimed. */
const PAGE = 25;

/** Sleep limits while waiting for a slot, in milliseconds. Another process may release a slot early. */
const MAX_SLEEP_MS = 5_000;

const MIN_SLEEP_MS = 20;

/**
 * Submits queued requests, the oldest first, at the account's rate. Concurrent drains are safe: each record has one
 * claim and each slot one holder.
 */
export const createDrain = (ports: DrainPorts) => {
  const { ledger, gate, apiKeys, clock, wait } = ports;
  const makePaidCall = createPaidCall(ports);

  return async (invocation: Invocation, { concurrency, waitForSlots }: DrainOptions): Promise<Drained> => {
    const startedAt = clock();
    const lastStart = invocation.deadline - CALL_TIMEOUT_MS - RECORDING_RESERVE_MS;
    const inFlight = new Set<Promise<unknown>>();
    /** Versions tried so far: the index may lag behind and show an earlier one. */
    const tried = new Map<string, number>();
    let calls = 0;
    /** Slow start: calls that may be in flight. Doubled by each good answer, so that an outage costs one request. */
    let allowed = 1;

    const nextInLine = async (): Promise<SubmittableRecord[]> => {
      for (let after: AvatarRecord | undefined; ; ) {
        const due = await ledger.due('queued', { now: clock(), limit: PAGE, after });
        const line = due.filter(isQueued).filter(({ id, version }) => version > (tried.get(id) ?? -1));
        // A page of records that were just claimed hides those behind them.
        if (line.length > 0 || due.length < PAGE) return line;
        after = due.at(-1);
      }
    };

    /** Claims the first record in line that is still free. */
    const claimFirst = async (
      line: readonly SubmittableRecord[],
      attemptId: string,
    ): Promise<ClaimedRecord | undefined> => {
      for (const record of line) {
        tried.set(record.id, record.version);
        const at = { now: clock(), by: invocation.id };
        const mine = claimed(record, { attemptId, leaseUntil: leaseUntil(invocation), ...at });
        try {
          if ((await ledger.replace(mine)).kind === 'stored') return mine;
        } catch (error) {
          // Nothing was sent, but the claim may be stored: without its release the request would end in doubt.
          await releaseStored(ledger, mine, (held) => claimReleased(held, at, 'claim not confirmed'));
          throw error;
        }
      }
      return undefined;
    };

    /** Lets requests wait until their caller may make calls again, so that they do not hold up those of others. */
    const postpone = async (records: readonly SubmittableRecord[], until: number): Promise<void> => {
      const at = { now: clock(), by: invocation.id };
      await Promise.all(
        records.map((record) => {
          tried.set(record.id, record.version);
          return ledger.replace(postponedTo(until, record, at));
        }),
      );
    };

    /** Submits one request. Returns why it could not, or `undefined` to continue. */
    const submitNext = async (): Promise<DrainEnd | undefined> => {
      const line = await nextInLine();
      const [first] = line;
      if (!first) return { kind: 'empty' };
      const cachedKey = await apiKeys.current();
      if (cachedKey.kind !== 'present') return { kind: 'no_api_key', state: cachedKey };

      const attemptId = randomUUID();
      // Intake drains in several processes at the same time, of which one makes the first call.
      const isCautious = !waitForSlots && allowed === 1;
      const request = { attemptId, leaseUntil: leaseUntil(invocation), owner: first.owner, isCautious };
      const ofOwner = line.filter(({ owner }) => owner === first.owner);
      const { admission: slot, apiKey } = await acquireSlot(ports, request, cachedKey.value);
      if (slot.kind === 'rejected' && slot.rejection.kind === 'caller_limit_reached') {
        await postpone(ofOwner, slot.rejection.until);
        return undefined;
      }
      if (slot.kind === 'rejected') return { kind: 'rejected_by_gate', rejection: slot.rejection };

      const key = keyFingerprint(apiKey);
      const releaseUnused = () => gate.release({ attemptId, ...slot, key, outcome: { kind: 'unused' } });
      const record = await claimFirst(slot.counted ? ofOwner : line, attemptId).catch(
        async (error: unknown) => {
          await releaseUnused();
          throw error;
        },
      );
      if (!record) {
        await releaseUnused();
        return undefined;
      }
      calls += 1;
      const call = makePaidCall({ record, slot, apiKey }, 'async', invocation)
        .then(({ outcome }) => {
          const health = healthOf(outcome);
          if (health === 'good') allowed = Math.min(2 * allowed, concurrency);
          if (health === 'bad') allowed = 1;
        })
        .finally(() => inFlight.delete(call));
      inFlight.add(call);
      return undefined;
    };

    /** Waits until the state may have changed. Returns `false` if waiting is useless. */
    const waitFor = async (end: DrainEnd): Promise<boolean> => {
      if (end.kind !== 'rejected_by_gate') return false;
      const { rejection } = end;
      const needsProbe =
        rejection.kind === 'blocked' || (rejection.kind === 'backing_off' && rejection.since !== undefined);
      if (needsProbe && inFlight.size > 0) {
        // One of the calls in flight is the probe, which may let the others pass.
        await Promise.race(inFlight);
        return true;
      }
      // The next probe needs the next dispatch, which checks the account first.
      if (needsProbe || !endsSoon(rejection)) return false;
      // The call in flight is answered, or not, in this time.
      const awaitsAnswer = 'awaitsAnswer' in rejection && clock() < startedAt + CALL_TIMEOUT_MS;
      if (!waitForSlots && !awaitsAnswer) return false;
      const sleepMs = Math.min(Math.max(rejection.until - clock(), MIN_SLEEP_MS), MAX_SLEEP_MS);
      if (clock() + sleepMs > lastStart) return false;
      if (inFlight.size === 0) allowed = 1;
      await wait(sleepMs);
      return true;
    };

    const run = async (): Promise<DrainEnd> => {
      while (clock() <= lastStart) {
        if (inFlight.size >= allowed) {
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
