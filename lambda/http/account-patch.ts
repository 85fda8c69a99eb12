import * as z from 'zod';

/** What an operator may change of the account. */
export const accountPatch = z
  .strictObject({ paused: z.boolean().describe('true stops all paid calls, false lets them go on.') })
  .meta({ id: 'AccountPatch' });
