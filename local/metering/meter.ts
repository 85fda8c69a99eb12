import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { startProxy } from '../proxy.ts';
import type { RunningServer } from '../server.ts';
import { type Item, readUnits, refusedWriteUnits, type Units, writeUnits } from './capacity.ts';

/** What was counted since the last time. */
export interface Reading extends Units {
  /** Calls to AWS by service and operation, such as `dynamodb PutItem`. */
  readonly calls: Readonly<Record<string, number>>;
  /** The units that those of DynamoDB consumed, by the same names. */
  readonly units: Readonly<Record<string, Units>>;
  /** When calls arrived and were answered, in milliseconds. */
  readonly spans: readonly { readonly call: string; readonly from: number; to: number }[];
}

export const SERVICES = {
  AWS_ENDPOINT_URL_DYNAMODB: 'dynamodb',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'secretsmanager',
  AWS_ENDPOINT_URL_EVENTBRIDGE: 'events',
  AWS_ENDPOINT_URL_S3: 's3',
} as const;

export type EndpointVariable = keyof typeof SERVICES;
type Service = (typeof SERVICES)[EndpointVariable];

/** An item is JSON of DynamoDB's protocol. */
const item = z.custom<Item>((value) => value !== null && typeof value === 'object');

const dynamoDbCall = z.object({
  Key: z.optional(item),
  Item: z.optional(item),
  ConsistentRead: z.optional(z.boolean()),
});
const dynamoDbAnswer = z.object({
  Item: z.optional(item),
  Items: z.optional(z.array(item)),
  Attributes: z.optional(item),
});

const operationOf = (service: Service, { headers, method }: IncomingMessage): string =>
  service === 's3' ? String(method) : String(headers['x-amz-target']).replace(/^.*\./, '');

const total = (counts: Iterable<number>): number => [...counts].reduce((sum, count) => sum + count, 0);

/** Counts calls to AWS, and the units of DynamoDB that they consume, at endpoints that forward them. */
export const createMeter = () => {
  let calls = new Map<string, number>();
  let spans: { call: string; from: number; to: number }[] = [];
  let units = new Map<string, Units>();
  /** Items as they were written through this meter. */
  const stored = new Map<string | undefined, Item>();

  const unitsOf = (operation: string, body: Buffer, answer: Buffer, status: number): Units => {
    const call = dynamoDbCall.parse(JSON.parse(body.toString()));
    const result = dynamoDbAnswer.parse(status === 200 ? JSON.parse(answer.toString()) : {});
    const id = (call.Item ?? call.Key)?.id?.S;
    if (operation === 'GetItem' || operation === 'Query' || operation === 'Scan') {
      const found = result.Items ?? (result.Item ? [result.Item] : []);
      return { read: readUnits(found, call.ConsistentRead ?? false), write: 0 };
    }
    const before = stored.get(id);
    if (status !== 200) return { read: 0, write: refusedWriteUnits(before) };
    const after = call.Item ?? result.Attributes ?? {};
    stored.set(id, after);
    return { read: 0, write: total(writeUnits(before, after).values()) };
  };

  const meterDynamoDb = (name: string, added: Units): void => {
    const { read, write } = units.get(name) ?? { read: 0, write: 0 };
    units.set(name, { read: read + added.read, write: write + added.write });
  };

  return {
    /** Starts an endpoint of a service. @param latencyMs of each answer */
    start(variable: EndpointVariable, target: string, latencyMs = 0): Promise<RunningServer> {
      const service = SERVICES[variable];
      const open = new Map<IncomingMessage, { call: string; from: number; to: number }>();
      return startProxy({
        target,
        latencyMs,
        onRequest: (request) => {
          const call = `${service} ${operationOf(service, request)}`;
          calls.set(call, (calls.get(call) ?? 0) + 1);
          const span = { call, from: performance.now(), to: Number.POSITIVE_INFINITY };
          spans.push(span);
          open.set(request, span);
        },
        onAnswer: (request, body, answer, status) => {
          const span = open.get(request);
          open.delete(request);
          if (span) span.to = performance.now();
          if (service !== 'dynamodb') return;
          const operation = operationOf(service, request);
          meterDynamoDb(`${service} ${operation}`, unitsOf(operation, body, answer, status));
        },
      });
    },
    /** What was counted since the last call of this function. */
    take(): Reading {
      const reading = {
        calls: Object.fromEntries([...calls].toSorted()),
        units: Object.fromEntries(units),
        read: total([...units.values()].map(({ read }) => read)),
        write: total([...units.values()].map(({ write }) => write)),
        spans,
      };
      calls = new Map();
      units = new Map();
      spans = [];
      return reading;
    },
  };
};

export type Meter = ReturnType<typeof createMeter>;

/** All calls of a reading. */
export const callsIn = ({ calls }: Pick<Reading, 'calls'>): number => total(Object.values(calls));

/** Calls that were made one after the other, at most: those of a round overlap. */
export const roundsIn = ({ spans }: Pick<Reading, 'spans'>): number => {
  let rounds = 0;
  let roundEnds = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    if (from < roundEnds) continue;
    rounds += 1;
    roundEnds = to;
  }
  return rounds;
};
