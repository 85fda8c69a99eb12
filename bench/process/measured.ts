import * as z from 'zod';

/** Measurements of one process, in milliseconds. `readyMs` and `firstAnswerMs` count from the start of the process. */
export const measured = z.object({
  /** Loading the code. */
  importMs: z.number(),
  /** The handler can receive its first event: the module is evaluated, including its top-level await. */
  readyMs: z.number(),
  firstAnswerMs: z.number(),
  /** CPU time, user and system, until the first answer. */
  firstAnswerCpuMs: z.number(),
  /** Further requests, sequentially, without the discarded warm-up requests. */
  warmMs: z.array(z.number()),
  /** Mean CPU time, user and system, of a further request. */
  warmCpuMs: z.number(),
});

export type Measured = z.infer<typeof measured>;
