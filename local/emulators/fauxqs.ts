import { buildApp } from 'fauxqs';
import type { RunningServer } from '../server.ts';

/**
 * Starts emulators of SQS, SNS and S3 (fauxqs) on one address, in memory and empty. Any credentials are accepted;
 * queues are separate for each region that calls are signed for.
 */
export const startFauxqs = async (): Promise<RunningServer> => {
  // fauxqs's own `startFauxqs` listens on every address of the machine.
  const app = buildApp({ logger: false });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: async () => app.close() };
};
