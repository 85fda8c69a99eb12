import * as z from 'zod/mini';
import { RESOLUTION_ACTIONS } from '../domain/resolution.ts';

/** A person's decision about a request of which nobody knows whether it was paid. */
export const resolutionRequest = z
  .strictObject({
    action: z
      .enum(RESOLUTION_ACTIONS)
      .check(
        z.describe(
          'resubmit: send it again, accepting the risk of a second charge. close: leave it as it is.',
        ),
      ),
    reason: z
      .string()
      .check(
        z.trim(),
        z.minLength(1),
        z.maxLength(500),
        z.describe('Kept with the record, with who and when.'),
      ),
  })
  .check(z.meta({ id: 'ResolutionRequest' }));
