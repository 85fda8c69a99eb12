import * as z from 'zod/mini';

/** What an operator may change of the account. */
export const accountPatch = z
  .strictObject({
    paused: z.boolean().check(z.describe('true stops all paid calls, false lets them go on.')),
  })
  .check(z.meta({ id: 'AccountPatch' }));
