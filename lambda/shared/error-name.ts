/** The class of an error, safe to log: its message may repeat what a caller sent. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'unknown error');

/**
 * The code of a network error, or else its name; never its message, because TLS and DNS errors may repeat what was
 * sent.
 */
export const errorCode = (error: Error): string => {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return errorCode(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

/**
 * An error whose message may be logged: it repeats nothing of a request or of an answer. Lambda logs whatever a
 * function throws, with all its properties, so a function throws nothing else.
 */
export class ShownError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    // Lambda logs the stack, which is useless here.
    this.stack = `${name}: ${message}`;
  }
}
