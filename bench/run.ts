/**
 * Measures the figures of the documentation. `npm run bench` runs all sections, `npm run bench -- warm` only the named
 * ones.
 */
import { type Report, render } from './report.ts';
import { bundleSize } from './sections/bundle-size.ts';
import { coldStart, coldStartOnLambdaCpu } from './sections/cold-start.ts';
import { connection } from './sections/connection.ts';
import { costs } from './sections/costs.ts';
import { growth } from './sections/growth.ts';
import { idle } from './sections/idle.ts';
import { intake } from './sections/intake.ts';
import { latencySplit } from './sections/latency-split.ts';
import { pacing } from './sections/pacing.ts';
import { profile } from './sections/profile.ts';
import { synth } from './sections/synth.ts';
import { warm } from './sections/warm.ts';

const SECTIONS = new Map<string, () => Promise<Report>>([
  ['bundle-size', bundleSize],
  ['cold-start', coldStart],
  ['cold-start-lambda-cpu', coldStartOnLambdaCpu],
  ['warm', warm],
  ['connection', connection],
  ['latency-split', latencySplit],
  ['profile', profile],
  ['intake', intake],
  ['idle', idle],
  ['growth', growth],
  ['costs', costs],
  ['pacing', pacing],
  ['synth', synth],
]);

const named = process.argv.slice(2);
const unknown = named.filter((name) => !SECTIONS.has(name));
if (unknown.length > 0) {
  console.error(
    `Unknown section: ${unknown.join(', ')}. The sections are: ${[...SECTIONS.keys()].join(', ')}.`,
  );
  process.exitCode = 1;
} else {
  for (const [name, measure] of SECTIONS) {
    if (named.length === 0 || named.includes(name)) console.log(`${render(await measure())}\n`);
  }
}
