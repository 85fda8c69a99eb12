import * as z from 'zod';

/** What one process measured of itself. Milliseconds; `ready` and `firstAnswer` since the start of the process. */
export const measured = z.object({
  /** Loading the code. */
  importMs: z.number(),
  /** The handler gets its first event: the code is loaded, and what it began then is over. */
  readyMs: z.number(),
  firstAnswerMs: z.number(),
  /** CPU time, user and system, until the first answer. */
  firstAnswerCpuMs: z.number(),
  /** Each further request, one after the other, without those discarded for warming up. */
  warmMs: z.array(z.number()),
  /** CPU time, user and system, for each of these. */
  warmCpuMs: z.number(),
});

export type Measured = z.infer<typeof measured>;
