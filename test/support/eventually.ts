import { vi } from 'vitest';

/** Limit for a hang. Shorter than the time limit of a test, so that the report names the failed check. */
export const HANG_MS = 5 * 60_000;

/** Waits until the check passes, also on a busy machine, and returns its value. */
export const eventually = <Value>(check: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(check, { timeout: HANG_MS, interval: 25 });

/** Waits until the value is truthy, and returns it. */
export const eventuallyTrue = <Value>(value: () => Value | Promise<Value>) =>
  vi.waitUntil(value, { timeout: HANG_MS, interval: 25 });
