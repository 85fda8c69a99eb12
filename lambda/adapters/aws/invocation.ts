import type { Context } from 'aws-lambda';
import type { Invocation } from '../../domain/ports.ts';

/** Converts Lambda's context to the domain's invocation. */
export const invocationOf = (context: Context): Invocation => ({
  id: context.awsRequestId,
  deadline: Date.now() + context.getRemainingTimeInMillis(),
});
