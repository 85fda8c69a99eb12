import * as z from 'zod/mini';
import type { ListPosition } from '../domain/ports.ts';
import { parseJson } from '../shared/parse-json.ts';

const position = z.lazy(() => z.tuple([z.iso.datetime({ precision: 3 }), z.uuid()]));

/** Encodes where the next page starts. Opaque to callers. */
export const encodeCursor = ({ createdAt, id }: ListPosition): string =>
  Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');

/** Decodes a cursor, or returns `undefined` if this API did not make it. */
export const decodeCursor = (cursor: string): ListPosition | undefined => {
  const read = parseJson(position, Buffer.from(cursor, 'base64url').toString('utf8'));
  return read && { createdAt: read[0], id: read[1] };
};
