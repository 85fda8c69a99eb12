import { bundleHandler } from '../../lib/handler-code.ts';
import type { RunningServer } from '../../local/server.ts';
import { startService } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { AVATAR } from '../../test/support/requests.ts';
import { startProxy } from '../far-side/proxy.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';

const REQUESTS = 50;
/** Requests before those that count: until the code is compiled and every connection stands. */
const WARM_UP = 20;

const DYNAMODB_MS = 20;
const JOGGAI_MS = 100;

const API_KEY = 'bench-key';

/** Where a request's time goes, in the order in which it goes there. */
const PARTS = [
  'HTTP API and validation',
  'claim and slot (DynamoDB, at the same time)',
  'from the claim to JoggAI',
  'JoggAI',
  'from JoggAI to the ledger',
  'outcome and slot (DynamoDB, at the same time)',
  'back to the caller',
] as const;

/** The moments between the parts, as they are seen from outside the function. */
interface Moments {
  readonly dynamoDb: { begin: number; end: number }[];
  joggai: { begin: number; end: number };
}

const noMoments = (): Moments => ({ dynamoDb: [], joggai: { begin: 0, end: 0 } });

const partsOf = (sentAt: number, { dynamoDb, joggai }: Moments, answeredAt: number): number[] => {
  const before = dynamoDb.filter(({ begin }) => begin < joggai.begin);
  const after = dynamoDb.filter(({ begin }) => begin > joggai.begin);
  const first = (calls: typeof before) => Math.min(...calls.map(({ begin }) => begin));
  const last = (calls: typeof before) => Math.max(...calls.map(({ end }) => end));
  const moments = [
    sentAt,
    first(before),
    last(before),
    joggai.begin,
    joggai.end,
    first(after),
    last(after),
    answeredAt,
  ];
  return moments.slice(1).map((moment, at) => moment - (moments[at] ?? 0));
};

/** Where the time of a warm request goes, from the caller's side of the HTTP API to JoggAI and back. */
export const latencySplit = async (): Promise<Report> => {
  let moments = noMoments();
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
          moments.joggai = { begin: now(), end: 0 };
        },
        onEnd: () => {
          moments.joggai.end = now();
        },
      }),
    );
    const service = await running(
      startService({
        joggaiBaseUrl: joggai.url,
        apiKey: API_KEY,
        onLog: () => {},
        scheduleEveryMs: Number.POSITIVE_INFINITY,
        // So short that one request after the other always finds a slot, among as many as there are at the full rate.
        environment: { JOGGAI_WINDOW_SECONDS: '1', DAILY_CALL_LIMIT: '1000000' },
        prepare: async (name, { environment }) => {
          const dynamoDb = await running(
            startProxy({
              target: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
              latencyMs: DYNAMODB_MS,
              onBegin: () => moments.dynamoDb.push({ begin: now(), end: 0 }),
              onEnd: () => {
                const open = moments.dynamoDb.find(({ end }) => end === 0);
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
      moments = noMoments();
      const sentAt = now();
      const response = await fetch(`${service.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(AVATAR),
      });
      await response.arrayBuffer();
      if (response.status !== 201) throw new Error(`The answer is not 201 but ${response.status}.`);
      if (count >= WARM_UP) splits.push(partsOf(sentAt, moments, now()));
    }
    const rows = PARTS.map((part, at) => [part, median(splits.map((split) => split[at] ?? 0)).toFixed(1)]);
    const total = median(splits.map((split) => split.reduce((sum, part) => sum + part, 0)));
    return {
      title: 'Where a warm request spends its time, in milliseconds',
      about:
        `Medians of ${REQUESTS} requests through the HTTP API, one after the other. DynamoDB answers after ${DYNAMODB_MS} ms, ` +
        `JoggAI after ${JOGGAI_MS} ms.`,
      rows: [['part', 'time'], ...rows, ['in all', total.toFixed(1)]],
    };
  } finally {
    for (const server of closing.toReversed()) await server.close();
  }
};
