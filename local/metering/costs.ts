import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { dayOf, EMPTY_GATE, type Slot } from '../../lambda/domain/gate/gate-rules.ts';
import { SAMPLE_REQUEST } from '../sample-request.ts';
import type { Units } from './capacity.ts';
import type { Cost, MeteredService } from './metered-service.ts';
import { NOTHING, sumOf, times, type Usage } from './prices.ts';
import { followRequest, idleMinute } from './scenarios.ts';

/** Calls to the store for each request of a long line, on average, by their names in the model. */
export type CallsPerRequest = ReadonlyMap<string, number>;

/** Lambda's own log lines of an invocation (INIT, START, END and REPORT), and CloudWatch's share of each line. */
const LAMBDA_LOG_BYTES = 400;

/**
 * Assumed billed seconds, with the default memory. They depend on the network and on JoggAI, so that one machine cannot
 * count them.
 */
const SECONDS = {
  /** A paid call of two seconds. */
  submission: 2,
  intakeBatch: 0.5,
  idleDispatch: 0.3,
  /** Downloads and uploads of four images. */
  ending: 4,
  /** Dispatch waits for slots until its last 27 s. */
  busyDispatch: 93,
} as const;

const MINUTES_A_DAY = 24 * 60;

/** The key is cached for five minutes. */
const SECRET_READS_A_DAY = MINUTES_A_DAY / 5;

const BATCH = 10;
const BACKLOG = 100_000;
const CALLS_A_MINUTE = 20;
/** Requests in line: intake submits twenty, and sees full pages until then. */
const LINE = 50;

const usageOf = ({ write, read, calls, logBytes }: Cost, more: Partial<Usage> = {}): Usage => ({
  ...NOTHING,
  writeUnits: write,
  readUnits: read,
  imageWrites: calls['s3 PUT'] ?? 0,
  events: calls['events PutEvents'] ?? 0,
  logBytes,
  ...more,
});

/** Fills the gate's item, as after a day of use. All slots are free. */
const useEverySlot = async ({ service }: MeteredService): Promise<void> => {
  const now = Date.now();
  const slot = (index: number): Slot => ({
    until: now - 1,
    holder: crypto.randomUUID(),
    calls: index,
    day: dayOf(now),
  });
  const slots = new Map(Array.from({ length: CALLS_A_MINUTE }, (_, index) => [index, slot(index)]));
  await createGateStore(service.dynamoDb, service.tableName).write(
    { slots, dependsOn: { slots: [0], account: false } },
    EMPTY_GATE,
  );
};

/** Units of one call of DynamoDB, on average, without those of another cost. */
const unitsOfOne = (operation: string, cost: Cost, without?: Cost): Units => {
  const name = `dynamodb ${operation}`;
  const of = (from: Cost | undefined) => ({
    count: from?.calls[name] ?? 0,
    ...(from?.units[name] ?? { read: 0, write: 0 }),
  });
  const [all, other] = [of(cost), of(without)];
  const count = all.count - other.count;
  if (count <= 0) throw new Error(`There was no ${operation}.`);
  return { read: (all.read - other.read) / count, write: (all.write - other.write) / count };
};

/** A batch of messages that is recorded while the account is paused, and one after which intake drains a long line. */
const countLine = async ({ service, deliver, take }: MeteredService) => {
  const pause = async (paused: boolean): Promise<void> => {
    await fetch(`${service.url}/account`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ paused }),
    });
  };
  const requests = Array.from({ length: BATCH }, () => SAMPLE_REQUEST);
  await pause(true);
  for (let batch = 0; batch < LINE / BATCH; batch += 1) await deliver(requests, `batch-${batch}`);
  take();
  await deliver(requests, 'recorded');
  const recorded = take();
  await pause(false);
  // A new process has not seen that the gate was closed.
  await service.intake.kill();
  take();
  await deliver(requests, 'drained');
  return { recorded, drained: take() };
};

/** Of a request that is submitted from the line without a wait. */
const AT_ONCE: CallsPerRequest = new Map([
  ['due', 1],
  ['gate write', 2],
  ['replace', 2],
]);

export interface Costs {
  readonly requestOverHttp: Usage;
  readonly requestAsEvent: Usage;
  readonly dayOfNothing: Usage;
  readonly backlog: Usage;
}

/** What a day of nothing costs: its runs of dispatch, and the reads of the key. */
export const countIdleDay = async (world: MeteredService): Promise<Usage> => {
  await useEverySlot(world);
  return idleDay(await idleMinute(world));
};

const idleDispatch = (idle: Cost): Usage =>
  usageOf(idle, {
    invocations: 1,
    lambdaSeconds: SECONDS.idleDispatch,
    logBytes: idle.logBytes + LAMBDA_LOG_BYTES,
  });

const idleDay = (idle: Cost): Usage => ({
  ...times(MINUTES_A_DAY, idleDispatch(idle)),
  secretReads: SECRET_READS_A_DAY,
});

/**
 * What AWS bills for, counted in a run of the service on this machine.
 *
 * @param perRequest calls to the store of a long line that is drained at the account's rate
 */
export const countCosts = async (world: MeteredService, perRequest: CallsPerRequest): Promise<Costs> => {
  await useEverySlot(world);
  const idle = await idleMinute(world);
  const { submission, running, ending } = await followRequest(world);
  /** Until the end is published, beyond what dispatch costs anyway. */
  const followed = sumOf(
    usageOf(running),
    usageOf(ending, { lambdaSeconds: SECONDS.ending }),
    times(-2, usageOf(idle)),
  );
  const submitted = usageOf(submission, { lambdaSeconds: SECONDS.submission });
  const api = { ...NOTHING, httpCalls: 1, invocations: 1, logBytes: LAMBDA_LOG_BYTES };
  const line = await countLine(world);
  /** Sent once, and received and deleted in batches. A look at the gate, once a second, is left out. */
  const recorded = times(1 / BATCH, {
    ...NOTHING,
    writeUnits: line.recorded.units['dynamodb PutItem']?.write ?? 0,
    queueCalls: BATCH + 2,
    invocations: 1,
    lambdaSeconds: SECONDS.intakeBatch,
    logBytes: line.recorded.logBytes + LAMBDA_LOG_BYTES,
  });
  const [replace, gateWrite, due, gateRead] = [
    unitsOfOne('PutItem', line.drained, line.recorded),
    ...['UpdateItem', 'Query', 'GetItem'].map((operation) => unitsOfOne(operation, line.drained)),
  ];
  /** From the line to JoggAI. */
  const drained = (calls: CallsPerRequest): Usage => {
    const of = (name: string, { read, write } = { read: 0, write: 0 }) => {
      const count = calls.get(name) ?? 0;
      return { ...NOTHING, readUnits: count * read, writeUnits: count * write };
    };
    return {
      ...sumOf(
        of('replace', replace),
        of('gate write', gateWrite),
        of('due', due),
        of('gate read', gateRead),
      ),
      logBytes: submission.logBytes,
    };
  };
  const minutes = BACKLOG / CALLS_A_MINUTE;
  return {
    requestOverHttp: sumOf(api, submitted, followed),
    requestAsEvent: sumOf(recorded, { ...drained(AT_ONCE), lambdaSeconds: SECONDS.submission }, followed),
    dayOfNothing: idleDay(idle),
    backlog: sumOf(
      times(BACKLOG, sumOf(recorded, drained(perRequest), { ...followed, lambdaSeconds: 0 })),
      times(minutes, { ...idleDispatch(idle), lambdaSeconds: SECONDS.busyDispatch }),
    ),
  };
};
