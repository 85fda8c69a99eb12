import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { instantOf } from '../../lambda/domain/record/record.ts';
import { METRIC } from '../../lambda/shared/metrics.ts';
import { metricsIn } from '../../local/embedded-metrics.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

/** The default of the setting. */
const GENERATION_TIMEOUT_SECONDS = 60 * 60;

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
beforeEach(() => running.reset());
afterAll(() => running.close());

/** The gauge as one dispatch publishes it. */
const gaugeOfDispatch = async (): Promise<unknown[]> => {
  running.logs.length = 0;
  await running.service.triggerDispatch();
  return running.logs
    .flatMap(metricsIn)
    .filter(({ name }) => name === METRIC.oldestGenerationOverdue)
    .flatMap(({ unit, value }) => [unit, value]);
};

it('dispatch publishes for how long the oldest generation is over its time limit, until JoggAI reports its status', async () => {
  expect(await gaugeOfDispatch()).toEqual(['Seconds', 0]);

  running.simulator.control.configure({ generation: { durationMs: 0 } });
  const { id } = recordIn(await running.post());
  await running.post();
  expect(await gaugeOfDispatch()).toEqual(['Seconds', 0]);

  const since = Date.now() - 2 * GENERATION_TIMEOUT_SECONDS * 1_000;
  await running.makeDue(id, { generatingSince: instantOf(since) });
  // JoggAI answers no read of the account.
  running.simulator.control.configure({ permission: false });
  const [, overdue] = await gaugeOfDispatch();
  expect(overdue).toBeGreaterThanOrEqual(GENERATION_TIMEOUT_SECONDS);
  expect(overdue).toBeLessThanOrEqual(Math.ceil((Date.now() - since) / 1_000) - GENERATION_TIMEOUT_SECONDS);
  expect((await running.records()).find((record) => record.id === id)).toMatchObject({
    status: 'generating',
  });

  running.simulator.control.configure({ permission: true });
  await running.makeDue(id);
  await gaugeOfDispatch();
  expect(await gaugeOfDispatch()).toEqual(['Seconds', 0]);
});
