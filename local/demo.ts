import { runEventsScenario } from './demo/events-scenario.ts';
import { checkLedger, runHttpScenario } from './demo/http-scenario.ts';
import { runImageScenario } from './demo/image-scenario.ts';
import { createOutput } from './demo/output.ts';
import { CALLS_PER_WINDOW, startDemo, WINDOW_SECONDS } from './demo/setup.ts';
import { runCancellation, runErasure } from './demo/withdrawal-scenario.ts';

/** Runs every scenario. Exits with 0 only if every check passed. */
const output = createOutput((line) => console.log(line));
const demo = await startDemo();
try {
  console.log(`Photo avatars at ${demo.service.url}, the JoggAI simulator at ${demo.simulator.url}.`);
  console.log(
    `The rate window is ${WINDOW_SECONDS} s here, JoggAI's is 60 s: ${CALLS_PER_WINDOW} calls in each.`,
  );
  const first = await runHttpScenario(demo, output);
  await runCancellation(demo, output);
  await runEventsScenario(demo, output);
  await runImageScenario(demo, output, first);
  await runErasure(demo, output, first);
  await demo.stopSchedule();
  await checkLedger(demo, output);
} finally {
  await demo.close();
}
process.exitCode = output.finish() ? 0 : 1;
