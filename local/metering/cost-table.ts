import type { Costs } from './costs.ts';
import { priceOf, type Usage } from './prices.ts';

const COLUMNS = {
  requestOverHttp: 'a request over HTTP',
  requestAsEvent: 'a request as an event',
  dayOfNothing: 'a day of nothing',
  backlog: 'a backlog of 100,000',
} as const satisfies Record<keyof Costs, string>;

const columns = Object.keys(COLUMNS) as (keyof Costs)[];

const number = (value: number): string => {
  if (value === 0) return '0';
  return value < 100
    ? String(Number(value.toPrecision(2)))
    : Number(value.toPrecision(3)).toLocaleString('en');
};

const ROWS: readonly (readonly [string, (usage: Usage) => number])[] = [
  ['DynamoDB, write units', ({ writeUnits }) => writeUnits],
  ['DynamoDB, read units', ({ readUnits }) => readUnits],
  ['S3, writes of images', ({ imageWrites }) => imageWrites],
  ['EventBridge, events', ({ events }) => events],
  ['Secrets Manager, reads', ({ secretReads }) => secretReads],
  ['SQS, calls', ({ queueCalls }) => queueCalls],
  ['HTTP API, calls', ({ httpCalls }) => httpCalls],
  ['Lambda, invocations', ({ invocations }) => invocations],
  ['Lambda, seconds at 512 MB', ({ lambdaSeconds }) => lambdaSeconds],
  ['logs, kB', ({ logBytes }) => logBytes / 1_000],
  ['USD', priceOf],
];

/** The costs as a table: the first row holds the headings. */
export const costTable = (costs: Costs): string[][] => [
  ['', ...columns.map((column) => COLUMNS[column])],
  ...ROWS.map(([name, of]) => [name, ...columns.map((column) => number(of(costs[column])))]),
];
