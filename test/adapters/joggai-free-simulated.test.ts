import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createJoggAiReads } from '../../lambda/adapters/joggai-free.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { HANG_MS } from '../support/eventually.ts';
import { API_KEY, callJoggAi } from '../support/joggai-client.ts';

const readsOf = (baseUrl: string) =>
  createJoggAiReads({
    baseUrl,
    timeoutMs: HANG_MS,
    onUnseenStatus: (status) => {
      throw new Error(`The documentation knows no status ${status}.`);
    },
  });

describe('JoggAI as its documentation has it', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ now: () => 0 });
  });
  afterEach(() => simulator.control.reset());
  afterAll(() => simulator.close());

  it('tells of a generation from its acceptance to its pictures', async () => {
    simulator.control.configure({ generation: { durationMs: 0 } });
    const { outcome } = await callJoggAi(simulator.url);
    const photoId = outcome.kind === 'accepted' ? outcome.photoId : '';
    const found = await readsOf(simulator.url).photo(photoId, API_KEY);
    expect(found.kind).toBe('succeeded');
    const images = found.kind === 'succeeded' ? found.images : [];
    expect(images.length).toBeGreaterThan(0);
    for (const { url, key } of images) {
      expect(key).toBeTruthy();
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it('tells that one goes on, that one failed, and that there is none', async () => {
    const { control, url } = simulator;
    control.configure({ generation: { durationMs: 1 } });
    const going = await callJoggAi(url);
    control.configure({ generation: { durationMs: 0, outcome: { status: 'error', msg: 'no face' } } });
    const failing = await callJoggAi(url);
    const lookAt = ({ outcome }: typeof going) =>
      readsOf(url).photo(outcome.kind === 'accepted' ? outcome.photoId : '', API_KEY);
    expect(await lookAt(going)).toEqual({ kind: 'running' });
    expect(await lookAt(failing)).toEqual({ kind: 'failed', message: 'no face' });
    expect(await readsOf(url).photo('nobody', API_KEY)).toEqual({
      kind: 'unavailable',
      cause: 'code 10104',
    });
  });

  it('tells the credits, fewer after a call, and not to a wrong key', async () => {
    const read = readsOf(simulator.url);
    const before = (await read.creditsLeft(API_KEY)) ?? Number.NaN;
    await callJoggAi(simulator.url);
    expect(await read.creditsLeft(API_KEY)).toBeCloseTo(before - 0.2);
    expect(await read.creditsLeft('wrong')).toBeUndefined();
  });
});
