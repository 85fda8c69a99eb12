import { setTimeout } from 'node:timers/promises';
import { EVENT_SOURCE } from '../../lambda/adapters/announcer.ts';
import { type LocalService, startService } from '../service.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { type Schedule, startSchedule } from '../stand-ins/schedule.ts';
import { type MetricPoint, metricsIn } from './metric-log.ts';

/** JoggAI's minute, shortened to this many seconds for service and simulator alike. */
export const WINDOW_SECONDS = 3;

export const CALLS_PER_WINDOW = 20;

/** Only a hang takes so long, however busy the machine is. */
const HANG_MS = 5 * 60_000;

const API_KEY = 'demo-key';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a reader of JSON looks at what is there
  readonly body: any;
}

/** The service, JoggAI's simulator behind it, and a caller in front of it. */
export interface Stage {
  readonly service: LocalService;
  readonly simulator: Simulator;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Paid calls that JoggAI took. */
  charges(): number;
  /** Answers of the simulator to paid calls that said: too fast. */
  tooFast(): number;
  /** Events that came out on the bus. */
  readonly announcements: readonly unknown[];
  /** Runs dispatch once in each window from now on. */
  startSchedule(): void;
  /** Runs dispatch no more, and waits for its last run: nothing in the ledger changes unasked from then on. */
  stopSchedule(): Promise<void>;
  /** Asks for something that has to come until it is there. @throws Error after so long that it will never come */
  until<Seen>(look: () => Promise<Seen | undefined>): Promise<Seen>;
  /** The latest point of a metric. */
  metric(name: string): MetricPoint | undefined;
  close(): Promise<void>;
}

export const setStage = async (): Promise<Stage> => {
  const points: MetricPoint[] = [];
  const announcements: unknown[] = [];
  const simulator = await startSimulator({
    settings: {
      apiKeys: [API_KEY],
      credits: 1_000,
      rate: { limit: CALLS_PER_WINDOW, windowMs: WINDOW_SECONDS * 1_000 },
      generation: { durationMs: 1_000 },
    },
  });
  const service = await startService({
    joggaiBaseUrl: simulator.url,
    apiKey: API_KEY,
    onLog: (line) => points.push(...metricsIn(line)),
    scheduleEveryMs: Number.POSITIVE_INFINITY,
    rules: [{ pattern: { source: [EVENT_SOURCE] }, target: async (event) => void announcements.push(event) }],
    environment: {
      JOGGAI_CALLS_PER_WINDOW: String(CALLS_PER_WINDOW),
      JOGGAI_WINDOW_SECONDS: String(WINDOW_SECONDS),
    },
  });
  let schedule: Schedule | undefined;
  const stopSchedule = async () => {
    await schedule?.close();
    await service.dispatch.close();
  };
  return {
    service,
    simulator,
    startSchedule() {
      schedule = startSchedule({ everyMs: WINDOW_SECONDS * 1_000, run: service.triggerDispatch });
    },
    stopSchedule,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${service.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    charges: () => simulator.control.state().charges,
    tooFast: () => simulator.control.state().calls.filter(({ answer }) => answer?.code === 429).length,
    announcements,
    async until(look) {
      for (const deadline = Date.now() + HANG_MS; Date.now() < deadline; await setTimeout(100)) {
        const seen = await look();
        if (seen !== undefined) return seen;
      }
      throw new Error('What the demo waits for did not come.');
    },
    metric: (name) => points.findLast((point) => point.name === name && point.value !== 0),
    async close() {
      await stopSchedule();
      await service.close();
      await simulator.close();
    },
  };
};
