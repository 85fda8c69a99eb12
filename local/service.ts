import { fileURLToPath } from 'node:url';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionEnvironment } from '../lambda/shared/environment.ts';
import { TIMEOUT_SECONDS, VISIBILITY_TIMEOUT_FACTOR } from '../lambda/shared/limits.ts';
import { DEFAULT_ROUTE, HTTP_ALIAS, ROUTES as NAMED_ROUTES } from '../lambda/shared/routes.ts';
import type { BusRule } from './emulators/event-bridge.ts';
import { startEventSourceMapping } from './emulators/event-source-mapping.ts';
import { type Front, startHttpApi } from './emulators/http-api.ts';
import type { Authorize } from './emulators/http-api-authorizer.ts';
import { startLambda } from './emulators/lambda.ts';
import { startSchedule } from './emulators/schedule.ts';
import type { SecretsManager } from './emulators/secrets-manager.ts';
import type { RequestQueues } from './emulators/sqs.ts';
import { LOCAL_ENVIRONMENT } from './environment.ts';
import { type FunctionOptions, type LocalFunction, startFunction } from './functions/local-function.ts';
import { type Register, startBus, startImages, startLedger, startQueues, startSecret } from './resources.ts';
import type { RunningServer } from './server.ts';

export interface ServiceOptions {
  /** Origin of JoggAI or of a simulator. */
  readonly joggaiBaseUrl: string;
  /** The value of the secret. `undefined` is a secret without a value. */
  readonly apiKey: string | undefined;
  /** Receives each line that a function prints. */
  readonly onLog: (line: string) => void;
  /** Directory for the ledger. @default - in memory */
  readonly dataDirectory?: string | undefined;
  /** Port of the HTTP API. @default - any free port */
  readonly port?: number | undefined;
  /** Environment variables of the functions that override `LOCAL_ENVIRONMENT`. */
  readonly environment?: Partial<FunctionEnvironment>;
  /** Who may call the HTTP API. @default - everyone, as one caller */
  readonly authorize?: Authorize;
  /** Sees every request to the HTTP API first. @default - none */
  readonly front?: Front;
  /** Endpoints to use instead of emulators, by the SDK's variable, such as `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly endpoints?: NodeJS.ProcessEnv;
  /** Interval of scheduled dispatches. `Infinity` disables the schedule. @default 60_000 */
  readonly scheduleEveryMs?: number;
  /** Rules of the event bus, in addition to the one that sends requests to the queue. */
  readonly rules?: readonly BusRule[];
  /** Changes the entry and environment of a function. @default - the handler's source and the common environment */
  readonly prepare?: (name: FunctionName, setup: FunctionSetup) => Promise<FunctionSetup>;
}

export type FunctionSetup = Pick<FunctionOptions, 'entry' | 'environment'> &
  Partial<Pick<FunctionOptions, 'timeoutMs'>>;

export interface LocalService extends RunningServer {
  readonly api: LocalFunction;
  readonly intake: LocalFunction;
  readonly dispatch: LocalFunction;
  /** Runs dispatch now. Resolves when the run has ended. */
  triggerDispatch(): Promise<void>;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterQueueUrl: string;
  /** The queue that the request rule sends to. */
  readonly eventQueue: RequestQueues;
  readonly sqs: SQSClient;
  /** Endpoint of SQS. The emulator also serves SNS there. */
  readonly sqsUrl: string;
  /** Endpoint of EventBridge. */
  readonly eventsUrl: string;
  /** Endpoint of Lambda's Invoke, for the functions `api`, `intake` and `dispatch`. */
  readonly lambdaUrl: string;
  readonly s3: S3Client;
  /** The bucket with the copies of images. */
  readonly bucketName: string;
  /** Origin of the links to copies of images. */
  readonly imageOrigin: string;
  /** `undefined` with an external endpoint. */
  readonly secretsManager: SecretsManager | undefined;
  readonly dynamoDb: DynamoDBClient;
  /** The ledger's table. */
  readonly tableName: string;
}

/** The routes of the deployed API, with the default route. */
export const ROUTES = [...NAMED_ROUTES, DEFAULT_ROUTE] as const;

const TABLE_NAME = 'photo-avatars';
const SECRET_NAME = 'joggai-api-key';
const QUEUE_NAME = 'photo-avatars';

/** The deployed time limits, with a lower concurrency: each execution environment is a process. */
const LIMITS = {
  api: { timeoutMs: TIMEOUT_SECONDS.api * 1_000, maxConcurrency: 10 },
  intake: { timeoutMs: TIMEOUT_SECONDS.intake * 1_000, maxConcurrency: 2 },
  dispatch: { timeoutMs: TIMEOUT_SECONDS.dispatch * 1_000, maxConcurrency: 2 },
} as const satisfies Record<string, Pick<FunctionOptions, 'timeoutMs' | 'maxConcurrency'>>;

export type FunctionName = keyof typeof LIMITS;

/**
 * Starts the whole service locally: the real handlers, one process for each execution environment, and emulators of
 * the AWS services. The SDK finds the emulators by its own environment variables, so the handlers need no change.
 */
export const startService = async (options: ServiceOptions): Promise<LocalService> => {
  const { endpoints = {}, onLog, scheduleEveryMs = 60_000 } = options;
  const running: { close(): Promise<void> }[] = [];
  const register: Register = async (server) => {
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
        externalUrl: endpoints.AWS_ENDPOINT_URL_DYNAMODB,
        directory: options.dataDirectory,
      },
      register,
    );
    const secret = await startSecret(
      {
        secretName: SECRET_NAME,
        value: options.apiKey,
        externalUrl: endpoints.AWS_ENDPOINT_URL_SECRETS_MANAGER,
      },
      register,
    );
    const queues = await startQueues(
      {
        queueName: QUEUE_NAME,
        visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_FACTOR * TIMEOUT_SECONDS.intake,
        externalUrl: endpoints.AWS_ENDPOINT_URL_SQS,
      },
      register,
    );
    const { POWERTOOLS_SERVICE_NAME: serviceName } = { ...LOCAL_ENVIRONMENT, ...options.environment };
    const bus = await startBus(
      {
        serviceName,
        queues,
        externalUrl: endpoints.AWS_ENDPOINT_URL_EVENTBRIDGE,
        rules: options.rules ?? [],
      },
      register,
    );

    const images = await startImages(
      { bucketName: LOCAL_ENVIRONMENT.IMAGE_BUCKET, externalUrl: endpoints.AWS_ENDPOINT_URL_S3 },
      register,
    );

    const environment = {
      LEDGER_TABLE: TABLE_NAME,
      API_KEY_SECRET: SECRET_NAME,
      JOGGAI_BASE_URL: options.joggaiBaseUrl,
      ...LOCAL_ENVIRONMENT,
      IMAGE_ORIGIN: images.origin,
      EVENT_QUEUE_ARN: queues.events.queueArn,
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
      const local = startFunction({ name, ...LIMITS[name], ...prepared, onLog });
      running.push(local);
      return local;
    };
    const functions = {
      api: await start('api'),
      intake: await start('intake'),
      dispatch: await start('dispatch'),
    };
    const lambda = await register(startLambda({ functions }));

    for (const { queueUrl, queueArn } of [queues.requests, queues.events]) {
      running.push(
        startEventSourceMapping({
          client: queues.client,
          queueUrl,
          queueArn,
          invoke: functions.intake.invoke,
          maxConcurrency: LIMITS.intake.maxConcurrency,
        }),
      );
    }
    const triggerDispatch = async (): Promise<void> => {
      await functions.dispatch.invoke({});
    };
    if (Number.isFinite(scheduleEveryMs)) {
      running.push(startSchedule({ everyMs: scheduleEveryMs, run: triggerDispatch }));
    }
    const http = await register(
      startHttpApi({
        routes: ROUTES,
        invoke: (event) => functions.api.invoke(event, HTTP_ALIAS),
        ...(options.port !== undefined && { port: options.port }),
        ...(options.authorize && { authorize: options.authorize }),
        ...(options.front && { front: options.front }),
      }),
    );
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
      imageOrigin: new URL(environment.IMAGE_ORIGIN).origin,
      sqs: queues.client,
      sqsUrl: queues.url,
      ...queues.requests,
      eventQueue: queues.events,
      eventsUrl: bus.url,
      lambdaUrl: lambda.url,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
