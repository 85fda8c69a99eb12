import { TIMEOUT_SECONDS } from '../../lambda/shared/limits.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { startFunction } from '../../local/functions/local-function.ts';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import { buildForBench } from '../build.ts';
import type { Endpoints } from '../remote/endpoints.ts';
import { withRemote } from '../remote/remote.ts';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';

const DYNAMODB_MS = 20;
const JOGGAI_MS = 100;
const BATCH = 10;
const TIMEOUT_MS = TIMEOUT_SECONDS.intake * 1_000;

/** Messages of each variant. The one that records one after the other needs as much time for a tenth of them. */
const MESSAGES = { ours: 10_000, sequential: 1_000 } as const;

type Variant = keyof typeof MESSAGES;

interface Recorded {
  readonly perSecond: number;
  /** Milliseconds, of a batch that makes no paid call. */
  readonly usualMs: number;
  readonly longestMs: number;
}

const entryOf = (variant: Variant): string =>
  variant === 'ours'
    ? bundleHandler('intake').entry
    : buildForBench('sequential-intake', 'bench/intake/sequential.ts', { minify: true });

/** Delivers messages to one process of intake, batch by batch, as Lambda's poller does. */
const record = async (variant: Variant, endpoints: Endpoints): Promise<Recorded> => {
  const intake = startFunction({
    entry: entryOf(variant),
    timeoutMs: TIMEOUT_MS,
    maxConcurrency: 1,
    onLog: () => {},
    environment: {
      ...LOCAL_ENVIRONMENT,
      LEDGER_TABLE: endpoints.tableName,
      API_KEY_SECRET: endpoints.secretName,
      JOGGAI_BASE_URL: endpoints.joggai,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    },
  });
  const body = JSON.stringify({ ...SAMPLE_REQUEST, background: 'A bright office with plants' });
  const deliver = async (batch: number): Promise<number> => {
    const startedAt = performance.now();
    const answer = await intake.invoke({
      Records: Array.from({ length: BATCH }, (_, index) => ({
        messageId: `${variant}-${batch}-${index}`,
        body,
        attributes: { ApproximateReceiveCount: '1' },
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:photo-avatars',
      })),
    });
    if (JSON.stringify(answer) !== '{"batchItemFailures":[]}')
      throw new Error(`Not recorded: ${JSON.stringify(answer)}`);
    return performance.now() - startedAt;
  };
  try {
    // The first batch starts the process. It and the next ones use the free slots.
    const times = [];
    for (let batch = 0; batch < 5; batch += 1) times.push(await deliver(batch));
    const [, ...first] = times;
    const startedAt = performance.now();
    const rest: number[] = [];
    for (let batch = 5; batch < MESSAGES[variant] / BATCH; batch += 1) rest.push(await deliver(batch));
    return {
      perSecond: (1_000 * BATCH * rest.length) / (performance.now() - startedAt),
      usualMs: median(rest),
      longestMs: Math.max(...first, ...rest),
    };
  } finally {
    await intake.close();
  }
};

/** How fast one process of intake records a burst of messages. */
export const intake = async (): Promise<Report> => {
  const latencies = { dynamoDb: DYNAMODB_MS, secretsManager: DYNAMODB_MS, joggai: JOGGAI_MS };
  const measure = (variant: Variant) => withRemote(latencies, (endpoints) => record(variant, endpoints));
  const [sequential, ours] = [await measure('sequential'), await measure('ours')];
  const row = (name: string, { perSecond, usualMs, longestMs }: Recorded): string[] => [
    name,
    usualMs.toFixed(0),
    (usualMs / DYNAMODB_MS).toFixed(1),
    perSecond.toFixed(0),
    (longestMs / 1_000).toFixed(1),
  ];
  return {
    title: `Intake: batches of ${BATCH} in one process`,
    method:
      `${MESSAGES.ours} messages, delivered batch by batch to one process, and ${MESSAGES.sequential} to one that ` +
      `records one after the other. DynamoDB answers after ${DYNAMODB_MS} ms. The first batches use the free slots ` +
      'for paid calls, the others are recorded while every slot is held.',
    rows: [
      ['variant', 'ms a batch', `of ${DYNAMODB_MS} ms`, 'messages a second', 'longest, s'],
      row('ours', ours),
      row('one after the other', sequential),
    ],
    targets: [
      { name: 'a batch, in round trips', value: ours.usualMs / DYNAMODB_MS, max: 3 },
      {
        name: 'rate, one after the other = 1: its inverse',
        value: sequential.perSecond / ours.perSecond,
        max: 0.2,
      },
      { name: 'longest batch, of its time limit', value: ours.longestMs / TIMEOUT_MS, max: 0.5 },
    ],
  };
};
