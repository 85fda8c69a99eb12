import dynalite, { type Operation, type Part, type Table } from 'dynalite/db/index.js';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { ledgerRecords, type StoredRecord } from './records.ts';

/** Items that are written at once. */
const BATCH = 5_000;

/** The result of a function that takes a callback. */
const resultOf = <Result = void>(
  call: (done: (error: Error | null | undefined, result: Result) => void) => void,
): Promise<Result> =>
  new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));

/**
 * Fills the ledger of an emulator's directory with so many records. Writes into the emulator's store, in the order of
 * its keys: by the emulator's API, a million records would take an hour.
 */
export const fillLedger = async (directory: string, tableName: string, count: number): Promise<void> => {
  // Creates the table.
  await (await startDynamoDB({ tableName, directory })).close();
  const store = dynalite.create({ path: directory });
  const table = await resultOf<Table>((done) => store.getTable(tableName, done));
  const recordAt = ledgerRecords(count, Date.now());

  const write = async (
    part: Part,
    records: Iterable<StoredRecord>,
    keyOf: (record: StoredRecord) => string,
  ): Promise<void> => {
    let batch: Operation[] = [];
    const flush = (): Promise<void> => resultOf((done) => part.batch(batch, done));
    for (const record of records) {
      batch.push({ type: 'put', key: keyOf(record), value: record.text(), valueEncoding: 'utf8' });
      if (batch.length < BATCH) continue;
      await flush();
      batch = [];
    }
    await flush();
  };

  const all = function* (places: Iterable<number>): Generator<StoredRecord, void> {
    for (const place of places) yield recordAt(place);
  };
  const places = Array.from({ length: count }, (_, place) => place);
  for (const { IndexName, KeySchema } of table.GlobalSecondaryIndexes) {
    const indexed = function* (): Generator<StoredRecord, void> {
      for (const record of all(places)) {
        if (KeySchema.every(({ AttributeName }) => record.keys[AttributeName] !== undefined)) yield record;
      }
    };
    await write(store.getIndexDb('global', tableName, IndexName), indexed(), ({ keys }) =>
      dynalite.createIndexKey(keys, table, KeySchema),
    );
  }
  const keyOf = ({ keys }: StoredRecord): string => dynalite.createKey(keys, table);
  const byKey = places
    .map((place) => ({ place, key: keyOf(recordAt(place)) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ place }) => place);
  await write(store.getItemDb(tableName), all(byKey), keyOf);
  await resultOf((done) => store.db.close(done));
};
