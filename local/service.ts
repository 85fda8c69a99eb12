import { fileURLToPath } from 'node:url';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionEnvironment } from '../lambda/environment.ts';
import { LOCAL_ENVIRONMENT } from './environment.ts';
import { type FunctionOptions, type LocalFunction, startFunction } from './functions/local-function.ts';
import { type Started, startBus, startImages, startLedger, startQueues, startSecret } from './resources.ts';
import type { RunningServer } from './server.ts';
import type { BusRule } from './stand-ins/event-bridge.ts';
import { startEventSourceMapping } from './stand-ins/event-source-mapping.ts';
import { startHttpApi } from './stand-ins/http-api.ts';
import { startLambda } from './stand-ins/lambda.ts';
import { startSchedule } from './stand-ins/schedule.ts';
import type { SecretsManager } from './stand-ins/secrets-manager.ts';

export interface ServiceOptions {
  /** Origin of JoggAI, or of whatever answers like it. */
  readonly joggaiBaseUrl: string;
  /** The value of the secret; `undefined` is a secret that was never given one. */
  readonly apiKey: string | undefined;
  /** Gets each line that a function prints. */
  readonly onLog: (line: string) => void;
  /** Where the ledger is kept. @default in memory */
  readonly dataDirectory?: string | undefined;
  /** Port of the HTTP API. @default any free one */
  readonly port?: number | undefined;
  /** Variables of the functions that differ from the defaults. */
  readonly environment?: Partial<FunctionEnvironment>;
  /** Endpoints that are there already, by the SDK's variable, e.g. `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly endpoints?: NodeJS.ProcessEnv;
  /** Time from one scheduled dispatch to the next. @default a minute; `Infinity`: on demand only */
  readonly scheduleEveryMs?: number;
  /** Rules of the embedded event bus, beside the one that puts requests on the queue. */
  readonly rules?: readonly BusRule[];
  /** Changes what a function is started from. @default - the handler's source and the common environment */
  readonly prepare?: (name: FunctionName, setup: FunctionSetup) => Promise<FunctionSetup>;
}

/** What a function is started from. */
export type FunctionSetup = Pick<FunctionOptions, 'entry' | 'environment'>;

export interface LocalService extends RunningServer {
  readonly api: LocalFunction;
  readonly intake: LocalFunction;
  readonly dispatch: LocalFunction;
  /** Runs dispatch now, and resolves when it has ended. */
  triggerDispatch(): Promise<void>;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterQueueUrl: string;
  /** A client of the service in which the queues are. */
  readonly sqs: SQSClient;
  /** Where SQS answers, and in the embedded stand-in SNS, too. */
  readonly sqsUrl: string;
  /** Where EventBridge answers. */
  readonly eventsUrl: string;
  /** Where Lambda's Invoke answers, for the functions `api`, `intake` and `dispatch`. */
  readonly lambdaUrl: string;
  /** A client of the store in which copies of pictures lie. */
  readonly s3: S3Client;
  readonly bucketName: string;
  /** `undefined` where a real one is used. */
  readonly secretsManager: SecretsManager | undefined;
  /** A client of the store in which the ledger is. */
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
}

/** The routes of the deployed API: `$default` takes what no other one does. */
export const ROUTES = [
  'POST /photo-avatars',
  'GET /photo-avatars',
  'GET /photo-avatars/{id}',
  'POST /photo-avatars/{id}/resolution',
  'GET /account',
  'PATCH /account',
  'GET /openapi.json',
  '$default',
] as const;

const TABLE_NAME = 'photo-avatars';
const SECRET_NAME = 'joggai-api-key';
const QUEUE_NAME = 'photo-avatars';

/** As deployed: see `lib/`. Fewer at the same time, since each is a process of this machine. */
const LIMITS = {
  api: { timeoutMs: 29_000, maxConcurrency: 10 },
  intake: { timeoutMs: 60_000, maxConcurrency: 2 },
  dispatch: { timeoutMs: 120_000, maxConcurrency: 2 },
} as const satisfies Record<string, Pick<FunctionOptions, 'timeoutMs' | 'maxConcurrency'>>;

export type FunctionName = keyof typeof LIMITS;

/**
 * The whole service on this machine: the real handlers, each execution environment a process, on embedded
 * stand-ins for what AWS does around them. The SDK finds these by its own variables; the handlers know nothing of it.
 */
export const startService = async (options: ServiceOptions): Promise<LocalService> => {
  const { endpoints = {}, onLog, scheduleEveryMs = 60_000 } = options;
  const running: { close(): Promise<void> }[] = [];
  const started: Started = async (server) => {
    const one = await server;
    running.push(one);
    return one;
  };
  const close = async () => {
    for (const one of running.splice(0).toReversed()) await one.close();
  };

  try {
    const ledger = await startLedger(
      {
        tableName: TABLE_NAME,
        given: endpoints.AWS_ENDPOINT_URL_DYNAMODB,
        directory: options.dataDirectory,
      },
      started,
    );
    const secret = await startSecret(
      {
        secretName: SECRET_NAME,
        value: options.apiKey,
        given: endpoints.AWS_ENDPOINT_URL_SECRETS_MANAGER,
      },
      started,
    );
    const queues = await startQueues(
      {
        queueName: QUEUE_NAME,
        visibilityTimeoutSeconds: (6 * LIMITS.intake.timeoutMs) / 1_000,
        given: endpoints.AWS_ENDPOINT_URL_SQS,
      },
      started,
    );
    const bus = await startBus(
      { queues, given: endpoints.AWS_ENDPOINT_URL_EVENTBRIDGE, rules: options.rules ?? [] },
      started,
    );

    const images = await startImages(
      { bucketName: LOCAL_ENVIRONMENT.IMAGE_BUCKET, given: endpoints.AWS_ENDPOINT_URL_S3 },
      started,
    );

    const environment = {
      LEDGER_TABLE: TABLE_NAME,
      API_KEY_SECRET: SECRET_NAME,
      JOGGAI_BASE_URL: options.joggaiBaseUrl,
      ...LOCAL_ENVIRONMENT,
      IMAGE_ORIGIN: images.origin,
      ...options.environment,
      AWS_ENDPOINT_URL_DYNAMODB: ledger.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secret.url,
      AWS_ENDPOINT_URL_S3: images.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    } satisfies FunctionEnvironment & Record<string, string>;
    const start = async (name: FunctionName): Promise<LocalFunction> => {
      const entry = fileURLToPath(new URL(`../lambda/${name}.ts`, import.meta.url));
      const setup = { entry, environment };
      const prepared = (await options.prepare?.(name, setup)) ?? setup;
      const local = startFunction({ name, ...prepared, ...LIMITS[name], onLog });
      running.push(local);
      return local;
    };
    const functions = {
      api: await start('api'),
      intake: await start('intake'),
      dispatch: await start('dispatch'),
    };
    const lambda = await started(startLambda({ functions }));

    running.push(
      startEventSourceMapping({
        client: queues.client,
        queueUrl: queues.queueUrl,
        queueArn: queues.queueArn,
        invoke: functions.intake.invoke,
        maxConcurrency: LIMITS.intake.maxConcurrency,
      }),
    );
    const triggerDispatch = async (): Promise<void> => {
      await functions.dispatch.invoke({});
    };
    if (Number.isFinite(scheduleEveryMs)) {
      running.push(startSchedule({ everyMs: scheduleEveryMs, run: triggerDispatch }));
    }
    const http = await started(
      startHttpApi({
        routes: ROUTES,
        invoke: functions.api.invoke,
        ...(options.port === undefined ? {} : { port: options.port }),
      }),
    );
    const { queueUrl, queueArn, deadLetterQueueUrl } = queues;
    return {
      url: http.url,
      close,
      ...functions,
      triggerDispatch,
      secretsManager: secret.secretsManager,
      dynamoDb: ledger.client,
      tableName: TABLE_NAME,
      s3: images.client,
      bucketName: LOCAL_ENVIRONMENT.IMAGE_BUCKET,
      sqs: queues.client,
      sqsUrl: queues.url,
      queueUrl,
      queueArn,
      deadLetterQueueUrl,
      eventsUrl: bus.url,
      lambdaUrl: lambda.url,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
