import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costTable } from '../local/metering/cost-table.ts';
import { countCosts } from '../local/metering/costs.ts';
import { callsIn } from '../local/metering/meter.ts';
import { type MeteredService, startMeteredService } from '../local/metering/metered-service.ts';
import { followRequest, idleMinute } from '../local/metering/scenarios.ts';
import { callsPerRequest } from '../model/backlog.ts';
import { tableRows } from './support/markdown-table.ts';

/** Lengths of log lines, and conflicts of concurrent writes, differ from run to run. */
const MAX_DIFFERENCE = 0.1;

let world: MeteredService;
beforeAll(async () => {
  world = await startMeteredService();
});
afterAll(() => world.close());

describe('a minute with nothing to do', () => {
  it('costs four calls to AWS and one to JoggAI', async () => {
    const { calls, joggaiCalls } = await idleMinute(world);
    expect(calls).toEqual({ 'dynamodb GetItem': 2, 'dynamodb PutItem': 1, 'dynamodb Scan': 1 });
    expect(joggaiCalls).toBe(1);
  });
});

describe('a request over HTTP', () => {
  it('costs 23 calls to AWS until its end is published, those of two runs of dispatch included', async () => {
    const { submission, running, ending } = await followRequest(world);
    expect(submission.calls).toEqual({ 'dynamodb PutItem': 2, 'dynamodb UpdateItem': 2 });
    // Beyond an idle run, the claim of the poll.
    expect([callsIn(running), running.joggaiCalls]).toEqual([5, 2]);
    expect(ending.calls).toEqual({
      'dynamodb GetItem': 3,
      'dynamodb PutItem': 5,
      'dynamodb Scan': 1,
      'events PutEvents': 1,
      's3 PUT': 4,
    });
    expect(ending.joggaiCalls).toBe(2);
  });
});

describe('the table of costs', () => {
  it('shows what a run on this machine counts', async () => {
    const counted = costTable(await countCosts(world, await callsPerRequest()));
    const documented = tableRows(readFileSync(new URL('../docs/costs.md', import.meta.url), 'utf8'));
    expect(documented.map(([name]) => name)).toEqual(counted.map(([name]) => name));
    expect(documented[0]).toEqual(counted[0]);
    const numbersOf = (table: string[][]) =>
      table.slice(1).map(([, ...cells]) => cells.map((cell) => Number(cell.replaceAll(',', ''))));
    for (const [row, numbers] of numbersOf(counted).entries()) {
      for (const [column, number] of numbers.entries()) {
        const shown = numbersOf(documented)[row]?.[column] ?? Number.NaN;
        const where = `${counted[row + 1]?.[0]}, ${counted[0]?.[column + 1]}: ${shown} in the document`;
        expect(Math.abs(shown - number), where).toBeLessThanOrEqual(MAX_DIFFERENCE * number);
      }
    }
  });
});
