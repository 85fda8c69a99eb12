import { setTimeout } from 'node:timers/promises';
import { createClient } from '../../client/index.ts';
import { startServiceWithPage } from '../../local/service-with-page.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { SAMPLE_REQUESTS } from './sample-requests.ts';

const API_KEY = 'pictures';

/** Requests that arrive in each minute of the run: one minute has a burst above the rate of JoggAI. */
const ARRIVALS = [6, 11, 8, 25, 5, 14, 17, 9] as const;

const MINUTE_MS = 60_000;

/** A service with its page that was busy for some minutes, with nothing but real calls. */
export const runForPage = async () => {
  const simulator = await startSimulator({
    settings: { apiKeys: [API_KEY], generation: { durationMs: 12_000 } },
  });
  const service = await startServiceWithPage({
    joggaiBaseUrl: simulator.url,
    apiKey: API_KEY,
    simulatorUrl: simulator.url,
    onLog: () => {},
    scheduleEveryMs: MINUTE_MS / 4,
  });
  const client = createClient({ url: service.url, maxRetries: 0 });
  let sent = 0;
  const send = async (respondAsync: boolean): Promise<void> => {
    const request = SAMPLE_REQUESTS[sent % SAMPLE_REQUESTS.length];
    sent += 1;
    // A failure is part of the picture: the line shows it.
    if (request) await client.submit(request, { respondAsync }).catch(() => undefined);
  };

  for (const [minute, arrivals] of ARRIVALS.entries()) {
    console.log(`Minute ${minute + 1} of ${ARRIVALS.length}: ${arrivals} requests`);
    if (minute === 0) simulator.control.addFault({ kind: 'code', code: 50_000, msg: 'System error' });
    if (minute === 1) simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    const end = Date.now() + MINUTE_MS;
    for (let arrived = 0; arrived < arrivals; arrived += 1) {
      await send(arrivals > 20);
      const rest = Math.max(0, end - Date.now());
      await setTimeout(arrivals > 20 ? 0 : rest / (arrivals - arrived + 1));
    }
    await setTimeout(Math.max(0, end - Date.now()));
  }
  // The newest requests show every state of the line.
  for (let arrived = 0; arrived < 3; arrived += 1) await send(false);
  await service.triggerDispatch();
  await setTimeout(15_000);
  await service.triggerDispatch();
  for (const isQueued of [false, false, true]) await send(isQueued);

  const { items } = await client.listPage({ status: 'succeeded', pageSize: 30 });
  const shown = items.find(
    ({ request }) => request?.aspect_ratio === 'portrait' && request.age === 'Elderly',
  );
  return {
    address: service.pageAddress,
    /** A request with pictures. */
    id: (shown ?? items[0])?.id ?? '',
    async close() {
      await service.close();
      await simulator.close();
    },
  };
};
