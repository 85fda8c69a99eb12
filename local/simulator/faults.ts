import * as z from 'zod';

/** Number of calls that a fault applies to. */
const times = z.union([z.int().min(1), z.literal('until_cleared')]).default(1);

/**
 * `before_charging`: the fault applies when the POST has been read, and replaces its handling (a delay precedes it).
 * `after_charging`: the POST is handled and charged as usual, then the fault applies to the answer.
 */
const when = z.enum(['before_charging', 'after_charging']).default('before_charging');
const afterCharging = z.literal('after_charging').default('after_charging');

const status = z.int().min(200).max(599).default(200);
const milliseconds = z.int().min(1).max(3_600_000);

/** Faults that can be injected into paid POSTs. */
export const fault = z.discriminatedUnion('kind', [
  /** Waits for a time or until the faults are cleared, then continues even if the client has disconnected. */
  z.strictObject({
    kind: z.literal('delay'),
    when,
    times,
    milliseconds: z.union([milliseconds, z.literal('until_cleared')]),
  }),
  /** Resets the connection (TCP RST). */
  z.strictObject({ kind: z.literal('reset'), when, times }),
  /** Never answers. The connection stays open until the client disconnects. */
  z.strictObject({ kind: z.literal('hang'), when, times }),
  /** An HTTP error with an HTML page, as a proxy sends it. */
  z.strictObject({ kind: z.literal('http_error'), when, times, status: z.int().min(400).max(599) }),
  /** A body with the content type JSON that is not JSON. */
  z.strictObject({ kind: z.literal('garbage'), when, times, status }),
  z.strictObject({ kind: z.literal('empty'), when, times, status }),
  /** Any code with any HTTP status and `data: null`. Code 0 then lacks its photo_id. */
  z.strictObject({ kind: z.literal('code'), when, times, status, code: z.int(), msg: z.string().optional() }),
  /** Half of the answer, then the end of the connection. */
  z.strictObject({ kind: z.literal('truncated'), when: afterCharging, times }),
  /** The answer, one byte at a time. */
  z.strictObject({
    kind: z.literal('slow'),
    when: afterCharging,
    times,
    millisecondsPerByte: milliseconds.default(100),
  }),
]);

export type Fault = z.output<typeof fault>;
export type FaultInput = z.input<typeof fault>;

/** Returns the fault for the next paid POST, the oldest one, and counts down its times. */
export const nextFault = (faults: Fault[]): Fault | undefined => {
  const oldest = faults[0];
  if (oldest === undefined) return undefined;
  const copy = { ...oldest };
  if (oldest.times !== 'until_cleared') oldest.times -= 1;
  if (oldest.times === 0) faults.shift();
  return copy;
};
