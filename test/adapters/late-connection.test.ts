import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createPaidApi } from '../../lambda/adapters/joggai/paid-api.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { HANG_MS } from '../support/eventually.ts';
import { API_KEY } from '../support/joggai-client.ts';
import { AVATAR } from '../support/requests.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.control.reset());
afterAll(() => simulator.close());

/** A paid call during whose connection so many milliseconds pass. No timer fires before. */
const callWithPause = (pauseMs: number) => {
  const time = { now: Date.UTC(2026, 10, 22) };
  const joggai = createPaidApi({ baseUrl: simulator.url, onAnswer() {}, clock: () => time.now });
  const called = joggai.generate(AVATAR, { apiKey: API_KEY, timeoutMs: HANG_MS, recordId: 'record-1' });
  time.now += pauseMs;
  return called;
};

it('a process that was frozen while it connected sends nothing after the time limit of its call', async () => {
  expect(await callWithPause(HANG_MS)).toEqual({
    kind: 'not_sent',
    cause: 'the connection was established too late',
  });
  expect(simulator.control.state().calls).toEqual([]);
});

it('a process that was frozen for less sends its call', async () => {
  expect(await callWithPause(HANG_MS - 1)).toMatchObject({ kind: 'accepted' });
  expect(simulator.control.state().charges).toBe(1);
});
