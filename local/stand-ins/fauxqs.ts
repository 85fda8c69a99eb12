import { buildApp } from 'fauxqs';
import type { RunningServer } from '../server.ts';

/**
 * Starts SQS, SNS and S3 on this machine (fauxqs), on one address, in memory, with nothing in them. Any credentials are
 * accepted; the region that a call is signed for tells which queues it sees.
 *
 * @param port 0 takes any free port
 */
export const startFauxqs = async (port = 0): Promise<RunningServer> => {
  // Not fauxqs's own `startFauxqs`, which listens on every address of the machine.
  const app = buildApp({ logger: false });
  const url = await app.listen({ port, host: '127.0.0.1' });
  return { url, close: async () => app.close() };
};
