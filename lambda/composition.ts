import './zod-settings.ts';
import { setTimeout } from 'node:timers/promises';
import { createApiKeys } from './adapters/api-key.ts';
import { createDynamoDb } from './adapters/aws/dynamodb.ts';
import { createCallerAttempts } from './adapters/caller-attempts.ts';
import { createGateStore } from './adapters/gate-store.ts';
import { createFreeApi } from './adapters/joggai/free-api.ts';
import { createPaidApi } from './adapters/joggai/paid-api.ts';
import { createLedger } from './adapters/ledger.ts';
import { createTelemetry, type Telemetry } from './adapters/telemetry.ts';
import { withCallerLimit } from './domain/gate/caller-limit.ts';
import { createGate } from './domain/gate/gate.ts';
import type { FreeApi } from './domain/ports.ts';
import { functionEnvironment, readEnvironment } from './shared/environment.ts';

/** The warm-up ends here at the latest. What it did not read, the first request reads. */
const MAX_WARM_UP_MS = 2_000;

/** Resolves after so many milliseconds. */
export const wait = (milliseconds: number): Promise<void> => setTimeout(milliseconds);

/** Builds what every function uses, from its environment. */
export const compose = () => {
  const environment = readEnvironment(functionEnvironment);
  const { LEDGER_TABLE: tableName, API_KEY_SECRET: secretId, REMOTE_TIMEOUT_MS: timeoutMs } = environment;
  const clock = Date.now;
  const telemetry = createTelemetry(environment.POWERTOOLS_SERVICE_NAME);
  const dynamoDb = createDynamoDb(timeoutMs);
  const onUnreadable = telemetry.itemUnreadable;
  const retentionDays = environment.RETENTION_DAYS;
  const ledger = createLedger({ client: dynamoDb, tableName, retentionDays, onUnreadable });
  const apiKeys = createApiKeys(secretId, timeoutMs);
  const accountGate = createGate({
    store: createGateStore(dynamoDb, tableName, onUnreadable),
    settings: {
      slots: environment.JOGGAI_CALLS_PER_WINDOW,
      windowMs: environment.JOGGAI_WINDOW_SECONDS * 1_000,
      dailyCallLimit: environment.DAILY_CALL_LIMIT,
    },
    clock,
  });
  const callerLimit = environment.DAILY_CALL_LIMIT_PER_CALLER;
  const gate = callerLimit
    ? withCallerLimit(accountGate, {
        attempts: createCallerAttempts(dynamoDb, tableName),
        limit: callerLimit,
        clock,
      })
    : accountGate;
  const paidApi = createPaidApi({
    baseUrl: environment.JOGGAI_BASE_URL,
    onAnswer: telemetry.joggaiAnswered,
    connectTimeoutMs: timeoutMs,
  });

  // Warm-up failures are ignored: the first request tries again.
  const warmedUp = Promise.allSettled([apiKeys.current(), gate.warmUp()]);

  return {
    environment,
    clock,
    telemetry,
    dynamoDb,
    ledger,
    apiKeys,
    gate,
    paidApi,
    /** Settles when the key and the gate were read, or MAX_WARM_UP_MS have passed. Never rejects. */
    ready: Promise.race([warmedUp, wait(timeoutMs ?? MAX_WARM_UP_MS)]),
  };
};

type Environment = ReturnType<typeof compose>['environment'];

/** JoggAI's free reads, for the functions that poll. */
export const composeFreeApi = (environment: Environment, telemetry: Telemetry): FreeApi =>
  createFreeApi({
    baseUrl: environment.JOGGAI_BASE_URL,
    onUnseenStatus: telemetry.unseenStatus,
    timeoutMs: environment.REMOTE_TIMEOUT_MS,
  });

/** How long a generation is polled. */
export const pollSettings = (environment: Environment) => ({
  generationTimeoutMs: environment.GENERATION_TIMEOUT_MINUTES * 60_000,
});
