import type { SerializedError } from './messages.ts';

/**
 * A failed invocation, as Lambda reports it: `name` is Lambda's `errorType`. Besides the handlers' own errors:
 * `Function.ResponseSizeTooLarge`, `Sandbox.Timedout` (time limit exceeded), `Runtime.ExitError` (the process ended)
 * and `Runtime.HandlerNotFound`.
 */
export class FunctionError extends Error {
  override readonly name: string;

  constructor({ name, message }: SerializedError) {
    super(message);
    this.name = name;
  }
}

export const timedOut = (limitMs: number) =>
  new FunctionError({
    name: 'Sandbox.Timedout',
    message: `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`,
  });

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESPONSE_BYTES = 6_291_556;

/** @throws FunctionError if the result is too large for a response */
export const assertResponseSize = (result: unknown): void => {
  if (Buffer.byteLength(JSON.stringify(result)) <= MAX_RESPONSE_BYTES) return;
  throw new FunctionError({
    name: 'Function.ResponseSizeTooLarge',
    message: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  });
};

/** @param code exit status, or null if a signal ended the process */
export const exited = (code: number | null, signal: NodeJS.Signals | null) =>
  new FunctionError({
    name: 'Runtime.ExitError',
    message: `Runtime exited with error: ${signal === null ? `exit status ${code}` : `signal: ${signal}`}`,
  });
