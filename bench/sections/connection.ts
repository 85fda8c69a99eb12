import { measureVariants, warmLatency } from '../process/measure.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import type { Variant } from '../variants.ts';
import { WARM_LATENCIES, WARM_PLAN } from './warm.ts';

const ROUND_TRIP_MS = 20;

/** Latency of a request in a warm process that has no connection to JoggAI. */
export const connection = async (): Promise<Report> => {
  const latencies = { ...WARM_LATENCIES, joggaiDistance: ROUND_TRIP_MS };
  const results = await withRemote(latencies, (endpoints) => measureVariants(endpoints, WARM_PLAN));
  const row = (name: Variant['name']): string[] => {
    const latency = warmLatency(results, name);
    return [name, latency.toFixed(1), (latency / warmLatency(results, 'floor')).toFixed(3)];
  };
  return {
    title: 'Warm requests that open a connection to JoggAI, in milliseconds',
    method:
      `As the section warm, but JoggAI is ${ROUND_TRIP_MS} ms away, speaks TLS, and ends each connection with its answer. ` +
      'ours opens the next one while it writes the claim, the others afterwards.',
    rows: [['variant', 'latency', 'of floor'], row('ours'), row('plain'), row('floor')],
  };
};
