import { vi } from 'vitest';

/** Only a hang takes so long. Shorter than a test's own limit, so that the report says what was waited for. */
export const HANG_MS = 5 * 60_000;

/** Waits until the check returns without an error, however long that takes on a busy machine, and returns its value. */
export const eventually = <Value>(check: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(check, { timeout: HANG_MS, interval: 25 });

/** Waits until the value is truthy, and returns it. */
export const eventuallyTrue = <Value>(value: () => Value | Promise<Value>) =>
  vi.waitUntil(value, { timeout: HANG_MS, interval: 25 });
