/** A new key for one request: 128 bits of chance in hex. */
export const newIdempotencyKey = (): string =>
  // `randomUUID` is missing in pages without TLS.
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
