import { describe, expect, it } from 'vitest';
import { drainBacklog, SLOTS, shareOfLimit } from './backlog.ts';
import { WINDOW_MS } from './world.ts';

const EVENTS = 1_000;

describe('a backlog of 1,000 events', () => {
  it('drains at 99 % of the allowed rate, without a 429, while one call in a hundred is late', async () => {
    const weather = { answerMs: [100, 500], delayedShare: 0.01 } as const;
    const { paid, refusedForRate, drainedInMs } = await drainBacklog(EVENTS, weather, 1);
    expect({ paid, refusedForRate }).toEqual({ paid: EVENTS, refusedForRate: 0 });
    expect(shareOfLimit(EVENTS, drainedInMs)).toBeGreaterThan(0.99);
  });

  it('loses no more to slow answers than it takes not to guess when a call arrived', async () => {
    const weather = { answerMs: [300, 3_000], delayedShare: 0.01 } as const;
    const meanCallMs = 22.5 * 0.99 + 3_500 * 0.01 + 1_650;
    const { paid, refusedForRate, drainedInMs } = await drainBacklog(EVENTS, weather, 2);
    expect({ paid, refusedForRate }).toEqual({ paid: EVENTS, refusedForRate: 0 });
    const bestWithoutGuessing = (EVENTS / SLOTS - 1) * (WINDOW_MS + meanCallMs);
    expect(bestWithoutGuessing / drainedInMs).toBeGreaterThan(0.99);
  });
});
