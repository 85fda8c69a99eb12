import { measureVariants } from '../process/measure.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';
import { WARM_LATENCIES, WARM_PLAN } from './warm.ts';

const ROUND_TRIP_MS = 20;

/** Latency of a request in a warm process that has no connection to JoggAI. */
export const connection = async (): Promise<Report> => {
  const latencies = { ...WARM_LATENCIES, joggaiDistance: ROUND_TRIP_MS };
  const results = await withRemote(latencies, (endpoints) => measureVariants(endpoints, WARM_PLAN));
  const latencyOf = new Map(
    [...results].map(([name, measured]) => [name, median(measured.flatMap(({ warmMs }) => warmMs))]),
  );
  const floor = latencyOf.get('floor') ?? 0;
  return {
    title: 'Warm requests that open a connection to JoggAI, in milliseconds',
    method:
      `As the section warm, but JoggAI is ${ROUND_TRIP_MS} ms away, speaks TLS, and ends each connection with its answer. ` +
      'ours opens the next one while it writes the claim, the others afterwards.',
    rows: [
      ['variant', 'latency', 'of floor'],
      ...[...latencyOf].map(([name, latency]) => [name, latency.toFixed(1), (latency / floor).toFixed(3)]),
    ],
  };
};
