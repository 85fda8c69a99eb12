import type * as z from 'zod/mini';
import { fromItem, type Item } from './aws/dynamodb.ts';

/** Called with the id of an item that cannot be read and the names of its fields that are wrong, if they are known. */
export type OnUnreadable = (id: string, fields: readonly string[]) => void;

type Parse<Value> = (parts: Record<string, unknown>) => z.core.util.SafeParseResult<Value>;

/**
 * The value of an item, or `undefined` if the item cannot be read. That is reported without the error, because errors
 * of parsers repeat content.
 */
export const readItem = <Value>(
  parse: Parse<Value>,
  item: Item,
  onUnreadable: OnUnreadable = () => {},
): Value | undefined => {
  const read = parsed(parse, item);
  if (read?.success) return read.data;
  onUnreadable(item.id?.S ?? '', read?.error.issues.map(({ path }) => path.join('.')) ?? []);
  return undefined;
};

const parsed = <Value>(parse: Parse<Value>, item: Item) => {
  try {
    return parse(fromItem(item));
  } catch {
    // A number that JavaScript cannot hold.
    return undefined;
  }
};
