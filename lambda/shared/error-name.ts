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
