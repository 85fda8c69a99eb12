import type { Context } from 'aws-lambda';
import type { Invocation } from '../domain/paid-call.ts';

/** The invocation as the domain knows it. */
export const invocationOf = (context: Context): Invocation => ({
  id: context.awsRequestId,
  deadline: Date.now() + context.getRemainingTimeInMillis(),
});
