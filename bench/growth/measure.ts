import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { changeStatus } from '../../lambda/domain/record/record-changes.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { callsIn } from '../../local/metering/meter.ts';
import { type MeteredService, startMeteredService } from '../../local/metering/metered-service.ts';
import { median } from '../statistics.ts';
import { fillLedger } from './fill.ts';
import { queuedRecord } from './records.ts';

export const OPERATIONS = ['submit', 'list page', "dispatch's minute"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Of one operation, on the median. */
export interface Cost {
  readonly milliseconds: number;
  readonly calls: number;
  readonly readUnits: number;
}

/** Hides the emulator's own time, as long as that is less. */
const DYNAMODB_MS = 20;

const TABLE_NAME = 'photo-avatars';

/** Dispatch starts no call in its last 27 s: it submits twenty requests, and does not wait for the next free slot. */
const DISPATCH_TIMEOUT_MS = 33_000;

/** Submissions of a dispatch with all slots free. */
const SLOTS = 20;

interface Repeats {
  /** Until the code is compiled and every connection is open. */
  readonly warmUp: number;
  readonly measured: number;
}

const REQUESTS: Repeats = { warmUp: 20, measured: 40 };
const DISPATCHES: Repeats = { warmUp: 2, measured: 9 };

type Act = (world: MeteredService) => Promise<void>;

/** Measures in all worlds in turn, so that other load on the machine affects all of them. `before` is not measured. */
const measureIn = async (
  worlds: readonly MeteredService[],
  repeats: Repeats,
  act: Act,
  before: Act = async () => {},
): Promise<Cost[]> => {
  const costs: Cost[][] = worlds.map(() => []);
  for (let count = -repeats.warmUp; count < repeats.measured; count += 1) {
    for (const [index, world] of worlds.entries()) {
      await before(world);
      world.take();
      const startedAt = performance.now();
      await act(world);
      const milliseconds = performance.now() - startedAt;
      const cost = world.take();
      if (count >= 0) costs[index]?.push({ milliseconds, calls: callsIn(cost), readUnits: cost.read });
    }
  }
  return costs.map((all) => ({
    milliseconds: median(all.map(({ milliseconds }) => milliseconds)),
    calls: median(all.map(({ calls }) => calls)),
    readUnits: median(all.map(({ readUnits }) => readUnits)),
  }));
};

const submit: Act = async (world) => {
  await world.submit();
};

const readPage: Act = async ({ service }) => {
  const answer = await fetch(`${service.url}/photo-avatars`);
  const { items }: { readonly items: readonly unknown[] } = JSON.parse(await answer.text());
  if (items.length !== 20) throw new Error(`The page has ${items.length} records, not 20.`);
};

const dispatch: Act = async ({ simulator, service }) => {
  const before = simulator.control.state().charges;
  await service.triggerDispatch();
  const submitted = simulator.control.state().charges - before;
  if (submitted !== SLOTS) throw new Error(`Dispatch submitted ${submitted} requests, not ${SLOTS}.`);
};

/** Frees all slots, ends what the last dispatch submitted, and adds as many records to the line as the next will take. */
const refill: Act = async ({ service: { dynamoDb }, ledger }) => {
  await dynamoDb.send(new DeleteItemCommand({ TableName: TABLE_NAME, Key: { id: { S: 'gate' } } }));
  const { records } = await ledger.list({ status: 'generating', limit: 1_000 });
  for (const record of records) {
    await ledger.replace(changeStatus(record, { now: Date.now(), by: 'bench' }, 'succeeded', {}));
  }
  for (let count = 0; count < SLOTS; count += 1) {
    const now = Date.now();
    await ledger.create({ ...queuedRecord(now), id: timeOrderedId(now) });
  }
};

/** Uses a service for each directory. */
const withServices = async <Result>(
  directories: readonly string[],
  options: Parameters<typeof startMeteredService>[0],
  use: (worlds: readonly MeteredService[]) => Promise<Result>,
): Promise<Result> => {
  const worlds: MeteredService[] = [];
  try {
    for (const dataDirectory of directories) {
      worlds.push(
        await startMeteredService({
          entryOf: (name) => bundleHandler(name).entry,
          dynamoDbMs: DYNAMODB_MS,
          dataDirectory,
          ...options,
        }),
      );
    }
    return await use(worlds);
  } finally {
    for (const world of worlds) await world.close();
  }
};

const measureLedgers = async (directories: readonly string[]): Promise<Record<Operation, Cost[]>> => {
  // A short window: each request finds a free slot.
  const environment = { JOGGAI_WINDOW_SECONDS: '1', DAILY_CALL_LIMIT: '1000000' };
  const requests = await withServices(directories, { environment }, async (worlds) => ({
    submit: await measureIn(worlds, REQUESTS, submit),
    'list page': await measureIn(worlds, REQUESTS, readPage),
  }));
  const dispatches = await withServices(directories, { timeoutMs: DISPATCH_TIMEOUT_MS }, (worlds) =>
    measureIn(worlds, DISPATCHES, dispatch, refill),
  );
  return { ...requests, "dispatch's minute": dispatches };
};

const folder = fileURLToPath(new URL('../../build/bench/growth/', import.meta.url));

/** A directory with a ledger of so many records, a tenth of them queued. Filled by the first run, and used again. */
const ledgerDirectory = async (records: number): Promise<string> => {
  const directory = join(folder, String(records));
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}-unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await fillLedger(unfinished, TABLE_NAME, records);
  await rename(unfinished, directory);
  return directory;
};

/** Measures the operations with ledgers of so many records. */
export const measureGrowth = async (sizes: readonly number[]): Promise<Record<Operation, Cost[]>> => {
  const directories: string[] = [];
  for (const size of sizes) directories.push(await ledgerDirectory(size));
  return measureLedgers(directories);
};
