import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { ApiKeyState, ApiKeys } from '../domain/ports.ts';
import { errorName } from '../shared/error-name.ts';
import { parseJson } from '../shared/parse-json.ts';
import { clientSettings, requestLimits, withoutCallLog } from './aws/aws-client.ts';
import { type DirectService, withDirectCalls } from './aws/direct-calls.ts';

/** Seconds for which a key is cached. */
const MAX_AGE_SECONDS = 5 * 60;

const DIRECT: DirectService = {
  name: 'secretsmanager',
  target: 'secretsmanager',
  contentType: 'application/x-amz-json-1.1',
  operation: GetSecretValueCommand,
  // A binary secret is left to the SDK, which decodes it.
  outputOf: (status, answer) => (status === 200 && answer.SecretBinary === undefined ? answer : undefined),
};

/**
 * The JoggAI API key in Secrets Manager: the bare key, or JSON as `{"apiKey": "…"}`.
 * A state other than `present` is not cached.
 *
 * @param secretId name or ARN of the secret
 * @param timeoutMs for a connection, and for an answer to one attempt
 */
export const createApiKeys = (secretId: string, timeoutMs?: number): ApiKeys => {
  const provider = new SecretsProvider({
    awsSdkV3Client: withDirectCalls(
      withoutCallLog(
        new SecretsManagerClient({
          ...clientSettings('SECRETS_MANAGER'),
          // After the direct one.
          maxAttempts: 1,
          requestHandler: requestLimits(timeoutMs, { connectMs: 1_000, answerMs: 1_500 }),
        }),
      ),
      DIRECT,
    ),
  });
  const read = async (forceFetch: boolean): Promise<ApiKeyState> => {
    try {
      const value = await provider.get(secretId, { maxAge: MAX_AGE_SECONDS, forceFetch });
      const state = keyOf(value);
      if (state.kind !== 'present') provider.clearCache();
      return state;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      // Secrets Manager also answers this for a secret that never had a value.
      if (cause instanceof ResourceNotFoundException) return { kind: 'unset' };
      return { kind: 'unreadable', problem: errorName(cause) };
    }
  };
  return { current: () => read(false), refreshed: () => read(true) };
};

const secretJson = z.object({ apiKey: z.string() });

/** Visible ASCII: what a header can carry. */
const API_KEY = /^[\x21-\x7e]{1,512}$/;

const keyOf = (value: unknown): ApiKeyState => {
  if (value === undefined) return { kind: 'unset' };
  if (typeof value !== 'string') return { kind: 'malformed', problem: 'is binary, not text' };
  const text = value.trim();
  const key = text.startsWith('{') ? parseJson(secretJson, text)?.apiKey.trim() : text;
  if (key === undefined) return { kind: 'malformed', problem: 'is JSON without a text "apiKey"' };
  if (key === '') return { kind: 'unset' };
  if (!API_KEY.test(key)) {
    return {
      kind: 'malformed',
      problem: 'has spaces, control or non-ASCII characters, or is over 512 characters',
    };
  }
  return { kind: 'present', value: key };
};
