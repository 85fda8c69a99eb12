import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentIn, runCli, scratchFolder, startCli } from '../support/cli.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const ROWS = 1_000;
/** A short window and few slots: each write of the gate stays small. */
const WINDOW = { calls: 100, seconds: 1 };

let running: RunningService;
const folder = scratchFolder();
beforeAll(async () => {
  running = await startRunningService({
    environment: {
      JOGGAI_CALLS_PER_WINDOW: String(WINDOW.calls),
      JOGGAI_WINDOW_SECONDS: String(WINDOW.seconds),
      DAILY_CALL_LIMIT: '5000',
    },
  });
  running.simulator.control.configure({
    credits: 1_000,
    rate: { limit: WINDOW.calls, windowMs: WINDOW.seconds * 1_000 },
  });
});
afterAll(async () => {
  await running.close();
  folder.remove();
});

const linesIn = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

it('1,000 requests are paid 1,000 times, although the first run was killed in the middle', async () => {
  const file = folder.in('requests.csv');
  const state = `${file}.state.jsonl`;
  const row = 'Adult,Professional,Female,modern,portrait';
  writeFileSync(file, ['age,avatar_style,gender,model,aspect_ratio', ...Array(ROWS).fill(row)].join('\n'));
  const args = ['batch', file, '--yes', '--no-wait', '--url', running.service.url];

  const first = startCli(args);
  await eventuallyTrue(() => linesIn(state).length > ROWS / 2);
  first.kill('SIGKILL');
  await first.end;
  const sentBefore = new Set(
    linesIn(state)
      .slice(1)
      .map((line) => line.match(/batch-\w+/)?.[0]),
  ).size;
  expect(sentBefore).toBeLessThan(ROWS);

  const second = await runCli([...args, '--json']);
  expect(second).toMatchObject({ code: 8 });
  expect(documentIn(second)).toMatchObject({ total: ROWS, counts: { queued: ROWS }, failures: [] });
  expect(await running.records()).toHaveLength(ROWS);

  await eventuallyTrue(async () => {
    await running.service.triggerDispatch();
    return running.charges() >= ROWS;
  });
  const third = await runCli([...args, '--json']);
  expect(third).toMatchObject({ code: 8 });
  expect(await running.records()).toHaveLength(ROWS);
  await running.service.triggerDispatch();
  expect(running.charges()).toBe(ROWS);
});
