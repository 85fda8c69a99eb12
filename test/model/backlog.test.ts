import { describe, expect, it } from 'vitest';
import { drainBacklog, SLOTS, shareOfLimit } from '../../model/backlog.ts';
import { WINDOW_MS } from '../../model/world.ts';

const EVENTS = 1_000;

describe('a backlog of 1,000 events', () => {
  it('drains at 99 % of the allowed rate, without a 429, while 1 % of the calls are delayed', async () => {
    const conditions = { answerMs: [100, 500], delayedShare: 0.01 } as const;
    const { paid, refusedForRate, drainedInMs } = await drainBacklog(EVENTS, conditions, 1);
    expect({ paid, refusedForRate }).toEqual({ paid: EVENTS, refusedForRate: 0 });
    expect(shareOfLimit(EVENTS, drainedInMs)).toBeGreaterThan(0.99);
  });

  it('loses no more rate to slow answers than the unknown arrival time of a call requires', async () => {
    const conditions = { answerMs: [300, 3_000], delayedShare: 0.01 } as const;
    const meanCallMs = 22.5 * 0.99 + 3_500 * 0.01 + 1_650;
    const { paid, refusedForRate, drainedInMs } = await drainBacklog(EVENTS, conditions, 2);
    expect({ paid, refusedForRate }).toEqual({ paid: EVENTS, refusedForRate: 0 });
    const bestPossibleMs = (EVENTS / SLOTS - 1) * (WINDOW_MS + meanCallMs);
    expect(bestPossibleMs / drainedInMs).toBeGreaterThan(0.99);
  });
});
