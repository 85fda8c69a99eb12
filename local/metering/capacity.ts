import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { LEDGER_SCHEMA } from '../../lambda/shared/table.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** Request units of DynamoDB, as it bills them on demand. */
export interface Units {
  readonly read: number;
  readonly write: number;
}

const READ_BYTES = 4 * 1024;
const WRITE_BYTES = 1024;

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/**
 * Bytes of a value as it arrives in JSON.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  // Two digits take a byte.
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (value.L) return 3 + sum(value.L.map((each) => 1 + valueBytes(each)));
  if (value.M) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  if (value.SS) return sum(value.SS.map((each) => Buffer.byteLength(each)));
  return 1;
};

/** Bytes of an item: the names and the values of its attributes. */
export const itemBytes = (item: Item): number =>
  sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));

/** Read units of items that one call reads. @param isConsistent a strongly consistent read costs twice as much */
export const readUnits = (items: readonly Item[], isConsistent: boolean): number =>
  Math.max(1, Math.ceil(sum(items.map(itemBytes)) / READ_BYTES)) * (isConsistent ? 1 : 0.5);

const writeUnitsOf = (...items: readonly (Item | undefined)[]): number =>
  Math.max(1, ...items.map((item) => Math.ceil((item ? itemBytes(item) : 0) / WRITE_BYTES)));

/** Write units of a write that failed its condition. */
export const refusedWriteUnits = (found: Item | undefined): number => writeUnitsOf(found);

const indexes = Object.values(LEDGER_SCHEMA.indexes);

/**
 * Write units of replacing an item of the ledger's table, by part: the table, and each index. An index has the items
 * that have both of its keys. A changed key costs a deletion and a write.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
export const writeUnits = (before: Item | undefined, after: Item): ReadonlyMap<string, number> => {
  const ofIndexes = indexes.map(({ indexName, partitionKey, sortKey }) => {
    const keyOf = (item: Item | undefined) =>
      item?.[partitionKey]?.S !== undefined && item[sortKey]?.S !== undefined
        ? `${item[partitionKey].S}#${item[sortKey].S}`
        : undefined;
    const [old, next] = [keyOf(before), keyOf(after)];
    if (old === next) return [indexName, next === undefined ? 0 : writeUnitsOf(before, after)] as const;
    return [
      indexName,
      (old === undefined ? 0 : writeUnitsOf(before)) + (next === undefined ? 0 : writeUnitsOf(after)),
    ] as const;
  });
  return new Map([['table', writeUnitsOf(before, after)], ...ofIndexes]);
};
