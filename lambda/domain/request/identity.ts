import { createHash, randomBytes } from 'node:crypto';
import type { PhotoAvatarRequest } from './contract.ts';

/** A record id: a UUID in lower case. */
export const ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * A new id that sorts by time: UUID version 7 (RFC 9562, section 5.7).
 *
 * @param now milliseconds since the epoch
 */
export const timeOrderedId = (now: number): string => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  return uuid(bytes, 7);
};

/**
 * The id of an idempotency key: the same for the same key of the same caller, so that a repeated request finds the
 * first record. UUID version 8 (RFC 9562, section 5.8) over SHA-256.
 *
 * @param namespace callers with the same namespace share their keys
 */
export const keyedId = (namespace: string, idempotencyKey: string): string =>
  uuid(
    createHash('sha256')
      .update(JSON.stringify([namespace, idempotencyKey]))
      .digest(),
    8,
  );

/** Equal for equal requests, in any order of their fields. */
export const requestHash = (request: PhotoAvatarRequest): string =>
  hashOf(JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1))));

/** SHA-256 in hex. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Identifies an API key without revealing it: 64 bits of its SHA-256, in hex. */
export const keyFingerprint = (apiKey: string): string => hashOf(apiKey).slice(0, 16);

const uuid = (bytes: Buffer, version: 7 | 8): string => {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
};
