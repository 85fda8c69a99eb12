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

/** What all functions are made of, as the environment describes it. */
export const createPlatform = () => {
  const environment = readEnvironment(functionEnvironment);
  const { LEDGER_TABLE: tableName, API_KEY_SECRET: secretId } = environment;
  const clock = Date.now;
  const telemetry = createTelemetry(environment.POWERTOOLS_SERVICE_NAME);
  const client = createDynamoDb();
  const ledger = createLedger({ client, tableName, retentionDays: environment.RETENTION_DAYS });
  const apiKeys = createApiKeys(secretId);
  const gate = createGate({
    store: createGateStore(client, tableName),
    settings: {
      slots: environment.JOGGAI_CALLS_PER_WINDOW,
      windowMs: environment.JOGGAI_WINDOW_SECONDS * 1_000,
      dailyCallLimit: environment.DAILY_CALL_LIMIT,
    },
    clock,
  });
  const paidApi = createJoggAi({ baseUrl: environment.JOGGAI_BASE_URL, onAnswer: telemetry.joggaiAnswered });
  const freeApi = createJoggAiReads({
    baseUrl: environment.JOGGAI_BASE_URL,
    onUnseenStatus: telemetry.unseenStatus,
  });
  const notes = createAccountNotes(client, tableName);
  const follow = { generationTimeoutMs: environment.GENERATION_TIMEOUT_MINUTES * 60_000 };
  const ports = { ledger, gate, paidApi, freeApi, apiKeys, notes, clock, events: telemetry };

  // While a function starts it has a full CPU, whatever its memory: the key and connections are had now, two of them to
  // DynamoDB, because a request claims its record and its slot at the same time. A failure here is not one yet; the
  // first request tries again.
  const warmUp = Promise.allSettled([apiKeys.current(), gate.warmUp(), notes.read()]);

  return {
    ...ports,
    environment,
    settings: follow,
    telemetry,
    submitter: createSubmitter(ports),
    secretId,
    warmUp,
  };
};
