/** Maximum length of a correlation id, in characters. */
export const CORRELATION_ID_LIMIT = 128;

/** An id of letters, digits and `_ . : = -`. It is logged, so it cannot be a sentence, an address or a URL. */
export const CORRELATION_ID = /^[\w.:=-]{1,128}$/;

/** The id if it may be logged, and `undefined` if not. */
export const correlationIdOf = (given: string | undefined): string | undefined =>
  given !== undefined && CORRELATION_ID.test(given) ? given : undefined;
