import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { violationsOf } from './guarantees.ts';
import { runScenario } from './scenario.ts';
import { SCHEDULES } from './schedules.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const kinds = Object.entries(SCHEDULES);
const perKind = Math.ceil(Number(values.schedules) / kinds.length);

console.log(`${perKind * kinds.length} schedules, seed ${seed}. The same seed gives the same schedules.\n`);
let total = 0;
for (const [kind, schedules] of kinds) {
  const seen = { violations: 0, charges: 0, inDoubt: 0, resubmitted: 0, withdrawn: 0 };
  for (const scenario of fc.sample(schedules, { numRuns: perKind, seed })) {
    const ended = await runScenario(scenario);
    const histories = ended.world.records().map(({ history }) => history);
    seen.charges += ended.world.upstream.charges.length;
    seen.inDoubt += histories.filter((history) => history.some(({ status }) => status === 'in_doubt')).length;
    seen.resubmitted += ended.resubmitted.length;
    seen.withdrawn += ended.world
      .records()
      .filter(({ status, erasure }) => status === 'cancelled' || erasure).length;
    const found = violationsOf(ended, scenario);
    seen.violations += found.length;
    if (found.length > 0) console.log(`  ${found.join('\n  ')}\n  in ${JSON.stringify(scenario)}`);
  }
  total += seen.violations;
  console.log(
    `${kind}: ${perKind} schedules, ${seen.charges} charges, ${seen.inDoubt} requests in doubt, ` +
      `${seen.resubmitted} resubmitted, ${seen.withdrawn} cancelled or erased, ${seen.violations} violations`,
  );
}
console.log(`\n${total} violations`);
process.exitCode = total === 0 ? 0 : 1;
