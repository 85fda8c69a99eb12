import { setTimeout } from 'node:timers/promises';
import { EVENT_SOURCE } from '../../lambda/shared/event-names.ts';
import { type MetricPoint, metricsIn } from '../embedded-metrics.ts';
import { type Schedule, startSchedule } from '../emulators/schedule.ts';
import { type LocalService, startService } from '../service.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';

/** JoggAI's window in the demo, for the service and the simulator: JoggAI's own is 60 seconds. */
export const WINDOW_SECONDS = 3;

export const CALLS_PER_WINDOW = 20;

/** Long enough for a busy machine: only a hang takes longer. */
const HANG_MS = 5 * 60_000;

const API_KEY = 'demo-key';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the demo checks the fields that it reads
  readonly body: any;
}

/** The service, the JoggAI simulator that it calls, and a client of the service. */
export interface Demo {
  readonly service: LocalService;
  readonly simulator: Simulator;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Paid calls that JoggAI accepted. */
  charges(): number;
  /** Paid calls that the simulator answered with code 429. */
  rateLimited(): number;
  /** Events that the service published. */
  readonly events: readonly unknown[];
  /** Starts dispatch once in each window. */
  startSchedule(): void;
  /** Stops the schedule and waits for the last run: after that, only requests change the ledger. */
  stopSchedule(): Promise<void>;
  /** Polls until the result is defined. @throws Error after a time that only a hang takes */
  waitFor<Result>(poll: () => Promise<Result | undefined>): Promise<Result>;
  /** The latest point of a metric. */
  metric(name: string): MetricPoint | undefined;
  close(): Promise<void>;
}

export const startDemo = async (): Promise<Demo> => {
  const points: MetricPoint[] = [];
  const events: unknown[] = [];
  const simulator = await startSimulator({
    settings: {
      apiKeys: [API_KEY],
      credits: 1_000,
      rate: { limit: CALLS_PER_WINDOW, windowMs: WINDOW_SECONDS * 1_000 },
      generation: { durationMs: 1_000, imageScale: 0.25 },
    },
  });
  const service = await startService({
    joggaiBaseUrl: simulator.url,
    apiKey: API_KEY,
    onLog: (line) => points.push(...metricsIn(line)),
    scheduleEveryMs: Number.POSITIVE_INFINITY,
    rules: [{ pattern: { source: [EVENT_SOURCE] }, target: async (event) => void events.push(event) }],
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
    rateLimited: () => simulator.control.state().calls.filter(({ answer }) => answer?.code === 429).length,
    events,
    async waitFor(poll) {
      for (const deadline = Date.now() + HANG_MS; Date.now() < deadline; await setTimeout(100)) {
        const result = await poll();
        if (result !== undefined) return result;
      }
      throw new Error(`The demo waited ${HANG_MS / 60_000} minutes without a result.`);
    },
    metric: (name) => points.findLast((point) => point.name === name && point.value !== 0),
    async close() {
      await stopSchedule();
      await service.close();
      await simulator.close();
    },
  };
};
