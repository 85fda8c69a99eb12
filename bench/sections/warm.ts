import { measureVariants } from '../process/measure.ts';
import type { Latencies } from '../remote/endpoints.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';
import type { Variant } from '../variants.ts';

const PLAN = { processes: 3, requests: 31, discarded: 20 };
const LATENCIES: Latencies = { dynamoDb: 20, secretsManager: 20, joggai: 100 };

/** The minimum for at most one charge: a claim before the paid call, and the outcome after it. */
const MIN_MS = 2 * LATENCIES.dynamoDb + LATENCIES.joggai;

const MAX_LATENCY = 1.05;

/** Latency and CPU time of requests in a warm process. */
export const warm = async (): Promise<Report> => {
  const results = await withRemote(LATENCIES, (endpoints) => measureVariants(endpoints, PLAN));
  const latencyOf = (name: Variant['name']): number =>
    median((results.get(name) ?? []).flatMap(({ warmMs }) => warmMs));
  // The floor makes only these three calls, with the same network.
  const roundTripsAndCall = latencyOf('floor');
  const row = (name: Variant['name']): string[] => {
    const latency = latencyOf(name);
    const cpu = median((results.get(name) ?? []).map(({ warmCpuMs }) => warmCpuMs));
    return [
      name,
      latency.toFixed(1),
      (latency - LATENCIES.joggai).toFixed(1),
      (latency / roundTripsAndCall).toFixed(3),
      (latency / MIN_MS).toFixed(3),
      cpu.toFixed(1),
    ];
  };
  return {
    title: 'Warm requests, in milliseconds',
    method:
      `Medians over ${PLAN.requests - 1} sequential requests in each of ${PLAN.processes} processes, after ` +
      `${PLAN.discarded + 1} warm-up requests. DynamoDB answers after ${LATENCIES.dynamoDb} ms, JoggAI after ` +
      `${LATENCIES.joggai} ms. Two round trips and the call take ${MIN_MS} ms in theory; floor is the measured minimum.`,
    rows: [
      ['variant', 'latency', 'added to the call', 'of floor', `of ${MIN_MS}`, 'CPU'],
      row('ours'),
      row('plain'),
      row('floor'),
    ],
    targets: [
      {
        name: 'latency, of two DynamoDB round trips and the call (floor)',
        value: latencyOf('ours') / roundTripsAndCall,
        max: MAX_LATENCY,
      },
    ],
  };
};
