import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFreeApi } from '../../lambda/adapters/joggai/free-api.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { HANG_MS } from '../support/eventually.ts';
import { API_KEY, callJoggAi } from '../support/joggai-client.ts';

const readsOf = (baseUrl: string) =>
  createFreeApi({
    baseUrl,
    timeoutMs: HANG_MS,
    onUnseenStatus: (status) => {
      throw new Error(`The documentation does not list the status ${status}.`);
    },
  });

describe('JoggAI as documented', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ now: () => 0 });
  });
  afterEach(() => simulator.control.reset());
  afterAll(() => simulator.close());

  it('reports a generation from its acceptance to its images', async () => {
    simulator.control.configure({ generation: { durationMs: 0 } });
    const { outcome } = await callJoggAi(simulator.url);
    const photoId = outcome.kind === 'accepted' ? outcome.photoId : '';
    const found = await readsOf(simulator.url).generationStatus(photoId, API_KEY);
    expect(found.kind).toBe('succeeded');
    const images = found.kind === 'succeeded' ? found.images : [];
    expect(images.length).toBeGreaterThan(0);
    for (const { url, key } of images) {
      expect(key).toBeTruthy();
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it('reports a running, a failed and an unknown generation', async () => {
    const { control, url } = simulator;
    control.configure({ generation: { durationMs: 1 } });
    const running = await callJoggAi(url);
    control.configure({ generation: { durationMs: 0, outcome: { status: 'error', msg: 'no face' } } });
    const failed = await callJoggAi(url);
    const statusOf = ({ outcome }: typeof running) =>
      readsOf(url).generationStatus(outcome.kind === 'accepted' ? outcome.photoId : '', API_KEY);
    expect(await statusOf(running)).toEqual({ kind: 'running' });
    expect(await statusOf(failed)).toEqual({ kind: 'failed', message: 'no face' });
    expect(await readsOf(url).generationStatus('no-such-photo', API_KEY)).toEqual({
      kind: 'unavailable',
      cause: 'code 10104',
    });
  });

  it('reports the credits, fewer after a call, and none for a wrong key', async () => {
    const read = readsOf(simulator.url);
    const before = (await read.creditsLeft(API_KEY)) ?? Number.NaN;
    await callJoggAi(simulator.url);
    expect(await read.creditsLeft(API_KEY)).toBeCloseTo(before - 0.2);
    expect(await read.creditsLeft('wrong')).toBeUndefined();
  });
});
