import { setTimeout as wait } from 'node:timers/promises';
import { METRICS_NAMESPACE } from '../../lambda/shared/metrics.ts';
import { metricsIn } from '../../local/embedded-metrics.ts';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import { startService } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import type { Period } from './dashboard.ts';

/** The run's minute: an hour of the service takes two minutes and a half. */
const WINDOW_MS = 3_000;
const WINDOWS = 50;
const CALLS_PER_WINDOW = 20;
const API_KEY = 'simulator-key';

/** Requests that arrive in a window: some all the time, and a campaign. */
const arrivalsIn = (window: number): number => {
  if (window === 8) return 120;
  return window % 5 === 0 ? 0 : 3 + (window % 4);
};

/** Credits run out during the campaign, and are topped up later. */
const CREDITS = { atFirst: 24, toppedUpInWindow: 24, afterwards: 80 };

/**
 * Runs the service with the simulator through a campaign and an account without credit.
 *
 * @returns the values of each metric in each window
 */
export const runForDashboard = async (): Promise<Period[]> => {
  const periods: Map<string, number[]>[] = [];
  const simulator = await startSimulator({
    settings: {
      apiKeys: [API_KEY],
      credits: CREDITS.atFirst,
      rate: { limit: CALLS_PER_WINDOW, windowMs: WINDOW_MS },
      generation: { durationMs: 2_000, imageScale: 0.25 },
    },
  });
  const service = await startService({
    joggaiBaseUrl: simulator.url,
    apiKey: API_KEY,
    onLog: (line) => {
      const period = periods.at(-1);
      for (const { namespace, name, value } of metricsIn(line)) {
        if (namespace !== METRICS_NAMESPACE || period === undefined) continue;
        const values = [value].flat().filter((each) => typeof each === 'number');
        period.set(name, [...(period.get(name) ?? []), ...values]);
      }
    },
    scheduleEveryMs: WINDOW_MS,
    environment: {
      JOGGAI_CALLS_PER_WINDOW: String(CALLS_PER_WINDOW),
      JOGGAI_WINDOW_SECONDS: String(WINDOW_MS / 1_000),
    },
  });
  try {
    const submit = () =>
      fetch(`${service.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'respond-async' },
        body: JSON.stringify(SAMPLE_REQUEST),
      });
    for (let window = 0; window < WINDOWS; window += 1) {
      periods.push(new Map());
      if (window === CREDITS.toppedUpInWindow) simulator.control.configure({ credits: CREDITS.afterwards });
      const end = wait(WINDOW_MS);
      await Promise.all(Array.from({ length: arrivalsIn(window) }, submit));
      await end;
    }
  } finally {
    await service.close();
    await simulator.close();
  }
  return periods;
};
