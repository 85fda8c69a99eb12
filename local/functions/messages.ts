import * as z from 'zod';

/** A message from the parent to an execution environment. */
export interface Invocation {
  readonly requestId: string;
  readonly traceId: string;
  /** Time limit in epoch milliseconds. The environment is killed then. */
  readonly deadline: number;
  readonly event: unknown;
  /** The alias or version that was invoked. */
  readonly qualifier?: string | undefined;
}

const serializedError = z.object({ name: z.string(), message: z.string() });

/** A message from an execution environment to its parent. */
export const hostMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('init_error'), error: serializedError }),
  z.object({ kind: z.literal('result'), requestId: z.string(), result: z.unknown() }),
  z.object({ kind: z.literal('error'), requestId: z.string(), error: serializedError }),
]);

export type SerializedError = z.infer<typeof serializedError>;
export type HostMessage = z.infer<typeof hostMessage>;
