import dynalite, { type Operation, type Part } from 'dynalite/db/index.js';
import { LEDGER_SCHEMA } from '../../lambda/shared/table.ts';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { CALLER, isQueuedPlace, ledgerRecords, type StoredRecord } from './records.ts';

/** Items that are written at once. */
const BATCH = 1_000;

const { open, byStatus, byCaller } = LEDGER_SCHEMA.indexes;

/** The result of a function that takes a callback. */
const resultOf = <Result = void>(
  call: (done: (error: Error | null | undefined, result: Result) => void) => void,
): Promise<Result> =>
  new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));

const hexOf = (text: string): string => Buffer.from(text).toString('hex');

/** The start of the emulator's keys of one partition: all but the sort key and the id. */
const partitionOf = (value: string): string => `${dynalite.hashPrefix(value, 'S')}/${hexOf(value)}/`;

/**
 * Fills the ledger of an emulator's directory with so many records. Writes into the emulator's store, in the order of
 * its keys: by the emulator's API, a million records would take an hour.
 */
export const fillLedger = async (directory: string, tableName: string, count: number): Promise<void> => {
  // Creates the table.
  await (await startDynamoDB({ tableName, directory })).close();
  const store = dynalite.create({ path: directory });
  // Fails if the table was not stored where this code writes to.
  await resultOf<unknown>((done) => store.getTable(tableName, done));
  const recordAt = ledgerRecords(count, Date.now());

  const write = async (
    part: Part,
    places: readonly number[],
    keyOf: (record: StoredRecord, place: number) => string,
  ): Promise<void> => {
    for (let from = 0; from < places.length; from += BATCH) {
      const operations = places.slice(from, from + BATCH).map((place): Operation => {
        const record = recordAt(place);
        return { type: 'put', key: keyOf(record, place), value: record.text, valueEncoding: 'utf8' };
      });
      await resultOf((done) => part.batch(operations, done));
    }
  };

  const all = Array.from({ length: count }, (_, place) => place);
  const prefixes = all.map((place) => dynalite.hashPrefix(recordAt(place).id, 'S'));
  const writeIndex = (
    index: string,
    value: string,
    places: readonly number[],
    sortKeyOf: (record: StoredRecord) => string,
  ): Promise<void> => {
    const partition = partitionOf(value);
    return write(store.getIndexDb('global', tableName, index), places, (record, place) =>
      [partition, hexOf(sortKeyOf(record)), '/', prefixes[place]].join(''),
    );
  };
  const queued = all.filter(isQueuedPlace);
  const ended = all.filter((place) => !isQueuedPlace(place));
  await writeIndex(byCaller.indexName, CALLER, all, ({ createdKey }) => createdKey);
  await writeIndex(byStatus.indexName, 'queued', queued, ({ createdKey }) => createdKey);
  await writeIndex(byStatus.indexName, 'succeeded', ended, ({ createdKey }) => createdKey);
  await writeIndex(open.indexName, 'queued', queued, ({ dueAt = '' }) => dueAt);
  const byKey = all.toSorted((one, other) => ((prefixes[one] ?? '') < (prefixes[other] ?? '') ? -1 : 1));
  await write(store.getItemDb(tableName), byKey, ({ id }, place) => `${prefixes[place]}/${hexOf(id)}/`);
  await resultOf((done) => store.db.close(done));
};
