import './zod-settings.ts';
import { createGate } from '../domain/gatekeeper.ts';
import { createSubmitter } from '../domain/submission.ts';
import { functionEnvironment, readEnvironment } from '../environment.ts';
import { createAccountNotes } from './account-notes.ts';
import { createApiKeys } from './api-key.ts';
import { createDynamoDb } from './dynamodb.ts';
import { createGateStore } from './gate-store.ts';
import { createJoggAi } from './joggai.ts';
import { createJoggAiReads } from './joggai-free.ts';
import { createLedger } from './ledger.ts';
import { createTelemetry } from './telemetry.ts';
import { wait } from './wait.ts';

/** Far more than it takes where all is well: where something is not, the first request finds out by itself. */
const LONGEST_WARM_UP_MS = 2_000;

/** What all functions are made of, as the environment describes it. */
export const createPlatform = () => {
  const environment = readEnvironment(functionEnvironment);
  const { LEDGER_TABLE: tableName, API_KEY_SECRET: secretId, REMOTE_TIMEOUT_MS: timeoutMs } = environment;
  const clock = Date.now;
  const telemetry = createTelemetry(environment.POWERTOOLS_SERVICE_NAME);
  const client = createDynamoDb(timeoutMs);
  const ledger = createLedger({ client, tableName, retentionDays: environment.RETENTION_DAYS });
  const apiKeys = createApiKeys(secretId, timeoutMs);
  const gate = createGate({
    store: createGateStore(client, tableName),
    settings: {
      slots: environment.JOGGAI_CALLS_PER_WINDOW,
      windowMs: environment.JOGGAI_WINDOW_SECONDS * 1_000,
      dailyCallLimit: environment.DAILY_CALL_LIMIT,
    },
    clock,
  });
  const paidApi = createJoggAi({
    baseUrl: environment.JOGGAI_BASE_URL,
    onAnswer: telemetry.joggaiAnswered,
    connectTimeoutMs: timeoutMs,
  });
  const freeApi = createJoggAiReads({
    baseUrl: environment.JOGGAI_BASE_URL,
    onUnseenStatus: telemetry.unseenStatus,
    timeoutMs,
  });
  const notes = createAccountNotes(client, tableName);
  const ports = { ledger, gate, paidApi, freeApi, apiKeys, notes, clock, events: telemetry };

  // A failure here is not one yet.
  const warmedUp = Promise.allSettled([apiKeys.current(), gate.warmUp()]);

  return {
    ...ports,
    environment,
    settings: { generationTimeoutMs: environment.GENERATION_TIMEOUT_MINUTES * 60_000 },
    telemetry,
    submitter: createSubmitter(ports),
    secretId,
    /** Settles when the key and the gate were read, or will not be in good time. Never fails. */
    ready: Promise.race([warmedUp, wait(timeoutMs ?? LONGEST_WARM_UP_MS)]),
  };
};
