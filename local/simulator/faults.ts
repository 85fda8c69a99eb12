import * as z from 'zod';

/** How often a fault acts before it is gone. */
const times = z.union([z.int().min(1), z.literal('until_cleared')]).default(1);

/**
 * `before_charging`: the fault acts when the POST has been read. Except after a delay, it is then not
 * handled at all. `after_charging`: the POST is handled as always, and charged if it is accepted; then the
 * fault acts on the answer.
 */
const when = z.enum(['before_charging', 'after_charging']).default('before_charging');
const afterCharging = z.literal('after_charging').default('after_charging');

const status = z.int().min(200).max(599).default(200);
const milliseconds = z.int().min(1).max(3_600_000);

/** What can go wrong with a paid POST on demand. */
export const fault = z.discriminatedUnion('kind', [
  /** Waits, for so long or until all faults are cleared, and goes on even when the caller has left meanwhile. */
  z.strictObject({
    kind: z.literal('delay'),
    when,
    times,
    milliseconds: z.union([milliseconds, z.literal('until_cleared')]),
  }),
  /** Resets the connection (TCP RST) instead of an answer. */
  z.strictObject({ kind: z.literal('reset'), when, times }),
  /** Never answers; the connection stays open until the caller leaves. */
  z.strictObject({ kind: z.literal('hang'), when, times }),
  /** An HTTP error with an HTML page, as a proxy in front of JoggAI would send. */
  z.strictObject({ kind: z.literal('http_error'), when, times, status: z.int().min(400).max(599) }),
  /** A body that says it is JSON and is not. */
  z.strictObject({ kind: z.literal('garbage'), when, times, status }),
  z.strictObject({ kind: z.literal('empty'), when, times, status }),
  /** Any code, 50000 or an unknown one, under any HTTP status, with `data: null`: 0 lacks its photo_id. */
  z.strictObject({ kind: z.literal('code'), when, times, status, code: z.int(), msg: z.string().optional() }),
  /** Half of the true answer, then the end of the connection. */
  z.strictObject({ kind: z.literal('truncated'), when: afterCharging, times }),
  /** The true answer, one byte at a time. */
  z.strictObject({
    kind: z.literal('slow'),
    when: afterCharging,
    times,
    millisecondsPerByte: milliseconds.default(100),
  }),
]);

export type Fault = z.output<typeof fault>;
export type FaultInput = z.input<typeof fault>;

/** Takes the fault that acts on the next paid POST: the oldest one, until its times are used up. */
export const takeFault = (faults: Fault[]): Fault | undefined => {
  const next = faults[0];
  if (next === undefined) return undefined;
  const taken = { ...next };
  if (next.times !== 'until_cleared') next.times -= 1;
  if (next.times === 0) faults.shift();
  return taken;
};
