import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNarrator } from '../../local/demo/narrator.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { type Credentials, createAws } from './aws.ts';
import { startEmulator } from './emulator.ts';
import { lastLines } from './process.ts';
import { installPythonTools } from './python-tools.ts';
import { loseAndRegainCredit, shortenWindow } from './steps/credit.ts';
import { setAsideAndRedrive } from './steps/dead-letters.ts';
import { checkTemplate, deployAgain, deployFirst, update } from './steps/deployment.ts';
import { destroy } from './steps/destruction.ts';
import { useQueueAndBus } from './steps/events.ts';
import { useExamples } from './steps/examples.ts';
import { putApiKey, useHttpApi } from './steps/http.ts';
import { invokeDirectly } from './steps/invocation.ts';
import { receiveResults } from './steps/results.ts';
import { awaitSchedule, queueByHttp } from './steps/schedule.ts';
import { createToolkit, type Toolkit } from './toolkit.ts';
import type { Teller, World } from './world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const STAGE = 'e2e';

const API_KEY = 'end-to-end-key';

/** Seconds that stand for JoggAI's minute once the first part of the story is told. */
const SHORT_WINDOW_SECONDS = 3;

/** A narrator who counts, and tells what could not be tried. */
const createTeller = (): Teller & {
  score(): { passed: number; failed: number; remarks: readonly string[] };
} => {
  const narrator = createNarrator((line) => console.log(line));
  const score = { passed: 0, failed: 0 };
  const remarks: string[] = [];
  return {
    ...narrator,
    check(claim, holds) {
      score[holds ? 'passed' : 'failed'] += 1;
      narrator.check(claim, holds);
    },
    remark(text) {
      remarks.push(text);
      narrator.say(`Remark: ${text}`);
    },
    score: () => ({ ...score, remarks }),
  };
};

/** The story takes about three minutes on a quiet machine: after this, something hangs. */
const LONGEST_MS = 30 * 60_000;

const teller = createTeller();
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort(new Error(`Stopped by ${name}.`)));
}
const cleanUps: (() => Promise<unknown>)[] = [];

/** The user's own environment without his AWS, and with this project's Node first. */
const environment = () => {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, CI: 'true', NO_COLOR: '1' };
};

/** Rejects as soon as the story has to stop, whatever a step is waiting for. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const tell = async (): Promise<void> => {
  const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LONGEST_MS)]);
  const env = environment();
  const directory = await mkdtemp(join(tmpdir(), 'photo-avatars-e2e-'));
  cleanUps.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

  console.log('Installing the AWS emulator and cfn-lint, unless they are there.');
  const tools = await installPythonTools({ env, cwd: ROOT, signal });
  const simulator = await startSimulator({ settings: { apiKeys: [API_KEY], credits: 1_000 } });
  cleanUps.push(() => simulator.close());
  const emulator = await startEmulator({
    command: tools.ministack,
    directory: join(directory, 'emulator'),
    path: env.PATH,
  });
  cleanUps.push(async () => {
    if (teller.score().failed > 0) console.log(`\nThe emulator's last words:\n${lastLines(emulator.log())}`);
    await emulator.stop();
  });
  console.log(
    `AWS is MiniStack at ${emulator.url}, with IAM enforced; JoggAI is a simulator at ${simulator.url}.`,
  );

  const command = { env: { ...env, ...emulator.environment }, cwd: ROOT, signal };
  const toolkit = createToolkit({ ...command, directory, stackName: `PhotoAvatars-${STAGE}` });
  // The simulator's pictures come from this machine, which no list of JoggAI's hosts has.
  const settings = { stage: STAGE, joggaiBaseUrl: simulator.url, imageHosts: '127.0.0.1' };
  const own = await toolkit.synth(settings);
  await checkTemplate(teller, own, tools.cfnLint, command);
  const deployed = await deployFirst(teller, toolkit, settings, own);
  const as = (credentials?: Credentials) => createAws(emulator, credentials);
  const world: World = { teller, aws: as(emulator.credentials), as, simulator, deployed, settings };

  await Promise.race([useService(world, toolkit), aborted(signal)]);
};

const useService = async (world: World, toolkit: Toolkit): Promise<void> => {
  await putApiKey(world, API_KEY);
  const recordId = await useHttpApi(world);
  const queuedAt = Date.now();
  const queuedId = await queueByHttp(world);
  await invokeDirectly(world);
  await deployAgain(world, toolkit);
  // What comes over the queue drains the ledger, too: only after the schedule was seen at it.
  await awaitSchedule(world, queuedId, queuedAt);
  await useQueueAndBus(world);
  await receiveResults(world);
  await shortenWindow(world, SHORT_WINDOW_SECONDS);
  await loseAndRegainCredit(world);
  await setAsideAndRedrive(world);
  const updated = await update(world, toolkit, recordId);
  await useExamples(updated);
  await destroy(updated, toolkit);
};

try {
  await tell();
} catch (error) {
  teller.check(`the story goes on: ${error instanceof Error ? error.message : error}`, false);
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}
const { passed, failed, remarks } = teller.score();
if (remarks.length > 0)
  console.log(`\nNot tried, or not as on AWS:\n${remarks.map((text) => `- ${text}`).join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
