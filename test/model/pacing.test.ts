import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../model/guarantees.ts';
import { runScenario } from '../../model/scenario.ts';
import { SCHEDULES } from '../../model/schedules.ts';

describe('the guarantees hold for any arrivals, with delayed and lost calls and answers', () => {
  it.each(Object.entries(SCHEDULES))('if %s', async (_, schedules) => {
    // If one fails, fast-check reduces it to a smaller one.
    await fc.assert(
      fc.asyncProperty(schedules, async (scenario) => {
        expect(violationsOf(await runScenario(scenario), scenario)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
