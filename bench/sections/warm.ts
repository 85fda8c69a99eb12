import { measureVariants, warmLatency } from '../process/measure.ts';
import type { Latencies } from '../remote/endpoints.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';
import type { Variant } from '../variants.ts';

export const WARM_PLAN = { processes: 7, requests: 31, discarded: 20 };
export const WARM_LATENCIES: Latencies = { dynamoDb: 20, secretsManager: 20, joggai: 100 };

/** The minimum for at most one charge: a claim before the paid call, and the outcome after it. */
const MIN_MS = 2 * WARM_LATENCIES.dynamoDb + WARM_LATENCIES.joggai;

const MAX_LATENCY = 1.02;
const MAX_CPU_OF_PLAIN = 0.9;

/** Latency and CPU time of requests in a warm process. */
export const warm = async (): Promise<Report> => {
  const results = await withRemote(WARM_LATENCIES, (endpoints) => measureVariants(endpoints, WARM_PLAN));
  const latencyOf = (name: Variant['name']): number => warmLatency(results, name);
  const cpuOf = (name: Variant['name']): number =>
    median((results.get(name) ?? []).map(({ warmCpuMs }) => warmCpuMs));
  // The floor makes only these three calls, with the same network.
  const roundTripsAndCall = latencyOf('floor');
  const row = (name: Variant['name']): string[] => {
    const latency = latencyOf(name);
    return [
      name,
      latency.toFixed(1),
      (latency - WARM_LATENCIES.joggai).toFixed(1),
      (latency / roundTripsAndCall).toFixed(3),
      (latency / MIN_MS).toFixed(3),
      cpuOf(name).toFixed(1),
      (cpuOf(name) / cpuOf('plain')).toFixed(2),
    ];
  };
  return {
    title: 'Warm requests, in milliseconds',
    method:
      `Medians over ${WARM_PLAN.requests - 1} sequential requests in each of ${WARM_PLAN.processes} processes, after ` +
      `${WARM_PLAN.discarded + 1} warm-up requests. DynamoDB answers after ${WARM_LATENCIES.dynamoDb} ms, JoggAI after ` +
      `${WARM_LATENCIES.joggai} ms. Two round trips and the call take ${MIN_MS} ms in theory; floor is the measured minimum.`,
    rows: [
      ['variant', 'latency', 'added to the call', 'of floor', `of ${MIN_MS}`, 'CPU', 'of plain'],
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
      { name: 'latency, of plain', value: latencyOf('ours') / latencyOf('plain'), max: 1 },
      { name: 'CPU, of plain', value: cpuOf('ours') / cpuOf('plain'), max: MAX_CPU_OF_PLAIN },
    ],
  };
};
