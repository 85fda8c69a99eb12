import * as z from 'zod/mini';
import { readableText } from '../domain/request/text.ts';
import { RESOLUTION_ACTIONS } from '../domain/submission/resolve.ts';

/** A person's decision about a request that may have been paid for. */
export const resolutionRequest = z
  .strictObject({
    action: z
      .enum(RESOLUTION_ACTIONS)
      .check(
        z.describe('resubmit: send it again and accept the risk of a second charge. close: end it as it is.'),
      ),
    version: z
      .int()
      .check(
        z.minimum(1),
        z.describe(
          'The version of the record that the decision is about. If the status changed since, the answer is 409.',
        ),
      ),
    reason: readableText({
      limit: 500,
      description: 'Recorded with the caller and the time.',
      blank: 'must not be empty',
    }),
  })
  .check(z.meta({ id: 'ResolutionRequest' }));

export type ResolutionRequest = z.infer<typeof resolutionRequest>;
