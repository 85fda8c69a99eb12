import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FunctionEnvironment } from '../lambda/environment.ts';
import { type LocalFunction, startFunction } from './functions/local-function.ts';
import type { RunningServer } from './server.ts';
import { ensureLedgerTable, startDynamoDB } from './stand-ins/dynamodb.ts';
import { startHttpApi } from './stand-ins/http-api.ts';
import { type SecretsManager, startSecretsManager } from './stand-ins/secrets-manager.ts';

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
}

export interface LocalService extends RunningServer {
  readonly api: LocalFunction;
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
  'GET /account',
  'PATCH /account',
  'GET /openapi.json',
  '$default',
] as const;

const TABLE_NAME = 'photo-avatars';
const SECRET_NAME = 'joggai-api-key';

/**
 * The whole service on this machine: the real handlers, each execution environment a process, on embedded
 * stand-ins for what AWS does around them. The SDK finds these by its own variables; the handlers know nothing of it.
 */
export const startService = async (options: ServiceOptions): Promise<LocalService> => {
  const { endpoints = {} } = options;
  const running: RunningServer[] = [];
  const started = async <Server extends RunningServer>(server: Promise<Server>): Promise<Server> => {
    running.push(await server);
    return server;
  };
  const close = async () => {
    for (const server of running.toReversed()) await server.close();
  };

  try {
    const givenDynamoDb = endpoints.AWS_ENDPOINT_URL_DYNAMODB;
    const dynamoDbUrl =
      givenDynamoDb ??
      (
        await started(
          startDynamoDB({
            tableName: TABLE_NAME,
            ...(options.dataDirectory === undefined ? {} : { directory: options.dataDirectory }),
          }),
        )
      ).url;
    const dynamoDb = new DynamoDBClient({
      endpoint: dynamoDbUrl,
      ...(givenDynamoDb
        ? {}
        : { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    });
    if (givenDynamoDb) await ensureLedgerTable(dynamoDb, TABLE_NAME);

    const givenSecrets = endpoints.AWS_ENDPOINT_URL_SECRETS_MANAGER;
    const secretsManager = givenSecrets
      ? undefined
      : await started(startSecretsManager({ secrets: { [SECRET_NAME]: options.apiKey } }));

    const api = startFunction({
      entry: fileURLToPath(new URL('../lambda/api.ts', import.meta.url)),
      timeoutMs: 29_000,
      maxConcurrency: 10,
      onLog: options.onLog,
      environment: {
        LEDGER_TABLE: TABLE_NAME,
        API_KEY_SECRET: SECRET_NAME,
        JOGGAI_BASE_URL: options.joggaiBaseUrl,
        JOGGAI_CALLS_PER_WINDOW: '20',
        JOGGAI_WINDOW_SECONDS: '60',
        DAILY_CALL_LIMIT: '1000',
        POWERTOOLS_SERVICE_NAME: 'photo-avatars',
        ...options.environment,
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: givenSecrets ?? secretsManager?.url ?? '',
      } satisfies FunctionEnvironment & Record<string, string>,
    });
    running.push({ url: '', close: () => api.close() });
    const http = await started(
      startHttpApi({
        routes: ROUTES,
        invoke: (event) => api.invoke(event),
        ...(options.port === undefined ? {} : { port: options.port }),
      }),
    );
    return { url: http.url, close, api, secretsManager, dynamoDb, tableName: TABLE_NAME };
  } catch (error) {
    await close();
    throw error;
  }
};
