import * as z from 'zod';

/** What the parent sends to an execution environment. */
export interface Invocation {
  readonly requestId: string;
  readonly traceId: string;
  /** Epoch milliseconds at which the environment is killed. */
  readonly deadline: number;
  readonly event: unknown;
}

const serializedError = z.object({ name: z.string(), message: z.string() });

/** What an execution environment sends to its parent. */
export const hostMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('init_error'), error: serializedError }),
  z.object({ kind: z.literal('result'), requestId: z.string(), result: z.unknown() }),
  z.object({ kind: z.literal('error'), requestId: z.string(), error: serializedError }),
]);

export type SerializedError = z.infer<typeof serializedError>;
export type HostMessage = z.infer<typeof hostMessage>;
