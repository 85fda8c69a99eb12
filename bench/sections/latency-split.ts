import { bundleHandler } from '../../lib/handler-code.ts';
import { startProxy } from '../../local/proxy.ts';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import type { RunningServer } from '../../local/server.ts';
import { startService } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';

const REQUESTS = 50;
/** Discarded requests: until the code is compiled and every connection is open. */
const WARM_UP = 20;

const DYNAMODB_MS = 20;
const JOGGAI_MS = 100;

const API_KEY = 'bench-key';

/** The parts of a request's time, in order. */
const PARTS = [
  'HTTP API and validation',
  'claim and slot (DynamoDB, concurrently)',
  'from the claim to JoggAI',
  'JoggAI',
  'from JoggAI to the ledger',
  'outcome and slot (DynamoDB, concurrently)',
  'back to the caller',
] as const;

/** Begin and end of the function's calls, measured at the proxies. */
interface Timeline {
  readonly dynamoDb: { begin: number; end: number }[];
  joggai: { begin: number; end: number };
}

const emptyTimeline = (): Timeline => ({ dynamoDb: [], joggai: { begin: 0, end: 0 } });

const partsOf = (sentAt: number, { dynamoDb, joggai }: Timeline, answeredAt: number): number[] => {
  const before = dynamoDb.filter(({ begin }) => begin < joggai.begin);
  const after = dynamoDb.filter(({ begin }) => begin > joggai.begin);
  const first = (calls: typeof before) => Math.min(...calls.map(({ begin }) => begin));
  const last = (calls: typeof before) => Math.max(...calls.map(({ end }) => end));
  const times = [
    sentAt,
    first(before),
    last(before),
    joggai.begin,
    joggai.end,
    first(after),
    last(after),
    answeredAt,
  ];
  return times.slice(1).map((time, at) => time - (times[at] ?? 0));
};

/** How the time of a warm request splits, as the client of the HTTP API measures it. */
export const latencySplit = async (): Promise<Report> => {
  let timeline = emptyTimeline();
  const now = () => performance.now();
  const closing: RunningServer[] = [];
  const running = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
    const server = await starting;
    closing.push(server);
    return server;
  };
  try {
    const simulator = await running(
      startSimulator({ settings: { apiKeys: [API_KEY], rate: { limit: 1_000_000 } } }),
    );
    const joggai = await running(
      startProxy({
        target: simulator.url,
        latencyMs: JOGGAI_MS,
        onBegin: () => {
          timeline.joggai = { begin: now(), end: 0 };
        },
        onEnd: () => {
          timeline.joggai.end = now();
        },
      }),
    );
    const service = await running(
      startService({
        joggaiBaseUrl: joggai.url,
        apiKey: API_KEY,
        onLog: () => {},
        scheduleEveryMs: Number.POSITIVE_INFINITY,
        // A short window: sequential requests always find a free slot, with the slot count of the full rate.
        environment: { JOGGAI_WINDOW_SECONDS: '1', DAILY_CALL_LIMIT: '1000000' },
        prepare: async (name, { environment }) => {
          const dynamoDb = await running(
            startProxy({
              target: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
              latencyMs: DYNAMODB_MS,
              onBegin: () => timeline.dynamoDb.push({ begin: now(), end: 0 }),
              onEnd: () => {
                const open = timeline.dynamoDb.find(({ end }) => end === 0);
                if (open) open.end = now();
              },
            }),
          );
          return {
            entry: bundleHandler(name).entry,
            environment: { ...environment, AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url },
          };
        },
      }),
    );
    const splits: number[][] = [];
    for (let count = 0; count < WARM_UP + REQUESTS; count += 1) {
      timeline = emptyTimeline();
      const sentAt = now();
      const response = await fetch(`${service.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(SAMPLE_REQUEST),
      });
      await response.arrayBuffer();
      if (response.status !== 201) throw new Error(`The answer's status is not 201 but ${response.status}.`);
      if (count >= WARM_UP) splits.push(partsOf(sentAt, timeline, now()));
    }
    const rows = PARTS.map((part, at) => [part, median(splits.map((split) => split[at] ?? 0)).toFixed(1)]);
    const total = median(splits.map((split) => split.reduce((sum, part) => sum + part, 0)));
    return {
      title: 'Parts of a warm request, in milliseconds',
      method:
        `Medians of ${REQUESTS} sequential requests through the HTTP API. DynamoDB answers after ${DYNAMODB_MS} ms, ` +
        `JoggAI after ${JOGGAI_MS} ms.`,
      rows: [['part', 'time'], ...rows, ['total', total.toFixed(1)]],
    };
  } finally {
    for (const server of closing.toReversed()) await server.close();
  }
};
