import * as z from 'zod/mini';
import type { ListPosition } from '../domain/ports.ts';
import { valueIn } from '../json-text.ts';

const position = z.lazy(() => z.tuple([z.iso.datetime({ precision: 3 }), z.uuid()]));

/** Where a list goes on, opaque to callers: not tied to what happens to the records meanwhile. */
export const encodeCursor = ({ createdAt, id }: ListPosition): string =>
  Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');

/** The position in a cursor, or `undefined` if it is none of ours. */
export const decodeCursor = (cursor: string): ListPosition | undefined => {
  const read = valueIn(position, Buffer.from(cursor, 'base64url').toString('utf8'));
  return read && { createdAt: read[0], id: read[1] };
};
