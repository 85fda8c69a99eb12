import { expect } from 'vitest';
import { createPaidApi, type JoggAiAnswer } from '../../lambda/adapters/joggai/paid-api.ts';
import { HANG_MS } from './eventually.ts';
import { AVATAR } from './requests.ts';

/** The simulator's key. */
export const API_KEY = 'simulator-key';

export interface CallOptions {
  readonly apiKey?: string;
  readonly timeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

/** Makes one paid call. Neither its outcome nor its diagnostics may contain the key. */
export const callJoggAi = async (baseUrl: string, options: CallOptions = {}) => {
  const { apiKey = API_KEY, timeoutMs = HANG_MS, connectTimeoutMs = HANG_MS } = options;
  const answers: JoggAiAnswer[] = [];
  const joggai = createPaidApi({
    baseUrl,
    onAnswer: (answer) => answers.push(answer),
    connectTimeoutMs,
  });
  const outcome = await joggai.generate(AVATAR, { apiKey, timeoutMs, recordId: 'record-1' });
  const [answer, ...others] = answers;
  expect(others).toEqual([]);
  expect(answer).toMatchObject({
    recordId: 'record-1',
    outcome: outcome.kind,
    latencyMs: expect.any(Number),
  });
  expect(JSON.stringify([outcome, answers])).not.toContain(apiKey);
  return { outcome, answer };
};
