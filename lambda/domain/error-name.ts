/** What is said of an error where its message must not be: that may repeat a request. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'unknown error');
