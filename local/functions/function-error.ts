import type { SerializedError } from './messages.ts';

/**
 * An invocation that ended badly, as Lambda reports it: `name` is its `errorType`. Besides the errors of
 * handlers themselves there are `Sandbox.Timedout` (too slow, the environment was killed),
 * `Runtime.ExitError` (the environment died) and `Runtime.HandlerNotFound`.
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

/** @param code Exit status; null when a signal ended the process. */
export const exited = (code: number | null, signal: NodeJS.Signals | null) =>
  new FunctionError({
    name: 'Runtime.ExitError',
    message: `Runtime exited with error: ${signal === null ? `exit status ${code}` : `signal: ${signal}`}`,
  });
