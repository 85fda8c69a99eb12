import type { Latencies } from '../far-side/endpoints.ts';
import { withFarSide } from '../far-side/far-side.ts';
import { measureVariants } from '../process/measure.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';
import type { Variant } from '../variants.ts';

const PLAN = { processes: 3, requests: 31, discarded: 20 };
const LATENCIES: Latencies = { dynamoDb: 20, secretsManager: 20, joggai: 100 };

/** A claim before the paid call and its outcome after it: less is not possible without paying twice some day. */
const LEAST_MS = 2 * LATENCIES.dynamoDb + LATENCIES.joggai;

const MOST_LATENCY = 1.05;

/** What a request costs in a process that has answered others before. */
export const warm = async (): Promise<Report> => {
  const results = await withFarSide(LATENCIES, (endpoints) => measureVariants(endpoints, PLAN));
  const latencyOf = (name: Variant['name']): number =>
    median((results.get(name) ?? []).flatMap(({ warmMs }) => warmMs));
  // It makes these three exchanges and nothing else, over the same sockets as the others.
  const roundTripsAndCall = latencyOf('floor');
  const row = (name: Variant['name']): string[] => {
    const latency = latencyOf(name);
    const cpu = median((results.get(name) ?? []).map(({ warmCpuMs }) => warmCpuMs));
    return [
      name,
      latency.toFixed(1),
      (latency - LATENCIES.joggai).toFixed(1),
      (latency / roundTripsAndCall).toFixed(3),
      (latency / LEAST_MS).toFixed(3),
      cpu.toFixed(1),
    ];
  };
  return {
    title: 'Warm requests, in milliseconds',
    about:
      `Medians over ${PLAN.requests - 1} requests in each of ${PLAN.processes} processes, one after the other, after ` +
      `${PLAN.discarded + 1} to warm up. DynamoDB answers after ${LATENCIES.dynamoDb} ms, JoggAI after ` +
      `${LATENCIES.joggai} ms. Two round trips and the call are ${LEAST_MS} ms on paper; floor is what they are here.`,
    rows: [
      ['variant', 'latency', 'added to the call', 'of floor', `of ${LEAST_MS}`, 'CPU'],
      row('ours'),
      row('plain'),
      row('floor'),
    ],
    targets: [
      {
        what: 'latency, of two DynamoDB round trips and the call (floor)',
        found: latencyOf('ours') / roundTripsAndCall,
        atMost: MOST_LATENCY,
      },
    ],
  };
};
