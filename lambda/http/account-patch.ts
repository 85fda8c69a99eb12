import * as z from 'zod/mini';

/** The account settings that an operator may change. */
export const accountPatch = z
  .strictObject({
    paused: z.boolean().check(z.describe('true pauses all paid calls, false resumes them.')),
  })
  .check(z.meta({ id: 'AccountPatch' }));
