import * as z from 'zod';
import { RESOLUTION_ACTIONS } from '../domain/resolution.ts';

/** A person's decision about a request of which nobody knows whether it was paid. */
export const resolutionRequest = z
  .strictObject({
    action: z
      .enum(RESOLUTION_ACTIONS)
      .describe('resubmit: send it again, accepting the risk of a second charge. close: leave it as it is.'),
    reason: z.string().trim().min(1).max(500).describe('Kept with the record, with who and when.'),
  })
  .meta({ id: 'ResolutionRequest' });
