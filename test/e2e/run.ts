import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOutput } from '../../local/demo/output.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { type CommandOptions, lastLines } from '../support/process.ts';
import { type Credentials, createAws } from './aws.ts';
import { startEmulator } from './emulator.ts';
import { installPythonTools } from './python-tools.ts';
import { packReleased, type Released } from './released-package.ts';
import { exhaustAndRestoreCredit, shortenWindow } from './steps/credit.ts';
import { deadLetterAndRedrive } from './steps/dead-letters.ts';
import { checkTemplate, deployAgain, deployFirst, update } from './steps/deployment.ts';
import { destroy } from './steps/destruction.ts';
import { diagnose } from './steps/doctor.ts';
import { useQueueAndBus } from './steps/events.ts';
import { useExamples } from './steps/examples.ts';
import { putApiKey, useHttpApi } from './steps/http.ts';
import { invokeDirectly } from './steps/invocation.ts';
import { comeBack, restoreLedger } from './steps/recovery.ts';
import { receiveResults } from './steps/results.ts';
import { awaitSchedule, queueByHttp } from './steps/schedule.ts';
import { useSecondStage } from './steps/second-stage.ts';
import { deploySecondStage } from './steps/upgrade.ts';
import { createToolkit, type Toolkit } from './toolkit.ts';
import { clientOf, type Report, type World } from './world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The default stage, which takes events that name no service, and another one. */
const STAGE = 'prod';
const SECOND_STAGE = 'second';

const API_KEY = 'end-to-end-key';

/** The rate-limit window for the later steps: with JoggAI's minute they would take several minutes. */
const SHORT_WINDOW_SECONDS = 3;

/** The terminal output, which also counts checks and collects limitations. */
const createReport = (): Report & {
  result(): { passed: number; failed: number; limitations: readonly string[] };
} => {
  const output = createOutput((line) => console.log(line));
  const checks = { passed: 0, failed: 0 };
  const limitations: string[] = [];
  return {
    ...output,
    check(claim, passed) {
      checks[passed ? 'passed' : 'failed'] += 1;
      output.check(claim, passed);
    },
    limitation(text) {
      limitations.push(text);
      output.print(`Limitation: ${text}`);
    },
    result: () => ({ ...checks, limitations }),
  };
};

/** A run takes about five minutes on an idle machine: only a hang exceeds this limit. */
const MAX_MS = 30 * 60_000;

const report = createReport();
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort(new Error(`Stopped by ${name}.`)));
}
const cleanUps: (() => Promise<unknown>)[] = [];

/** The environment of the user without AWS variables, and with the Node.js of this project first in `PATH`. */
const environment = () => {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, CI: 'true', NO_COLOR: '1' };
};

/** Rejects when the run is aborted, even while a step waits. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const run = async (): Promise<void> => {
  const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(MAX_MS)]);
  const env = environment();
  const directory = await mkdtemp(join(tmpdir(), 'photo-avatars-e2e-'));
  cleanUps.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

  console.log('Installing the AWS emulator and cfn-lint, unless they are installed.');
  const tools = await installPythonTools({ env, cwd: ROOT, signal });
  const simulator = await startSimulator({
    settings: { apiKeys: [API_KEY], credits: 1_000, generation: { imageScale: 0.25 } },
  });
  cleanUps.push(() => simulator.close());
  const emulator = await startEmulator({
    command: tools.ministack,
    directory: join(directory, 'emulator'),
    path: env.PATH,
  });
  cleanUps.push(async () => {
    if (report.result().failed > 0)
      console.log(`\nLast output of the emulator:\n${lastLines(emulator.log())}`);
    await emulator.stop();
  });
  console.log(`AWS: MiniStack at ${emulator.url}, with IAM enforced. JoggAI: simulator at ${simulator.url}.`);

  const command = { env: { ...env, ...emulator.environment }, cwd: ROOT, signal };
  const toolkitOf = (stage: string, app?: string) =>
    createToolkit({
      ...command,
      directory: join(directory, stage),
      stackName: `PhotoAvatars-${stage}`,
      app,
    });
  // Installs and builds while the first steps run.
  const packing = new AbortController();
  const released = packReleased(join(directory, 'released'), {
    env,
    cwd: ROOT,
    signal: AbortSignal.any([signal, packing.signal]),
  });
  // Awaited by its step. If an earlier step fails, it ends before its folder is removed.
  const packed = released.catch(() => {});
  cleanUps.push(() => {
    packing.abort();
    return packed;
  });
  const toolkit = toolkitOf(STAGE);
  // The simulator serves images from this host, which the default list of JoggAI's hosts does not contain.
  const settings = { stage: STAGE, joggaiBaseUrl: simulator.url, imageHosts: '127.0.0.1' };
  const original = await toolkit.synth(settings);
  await checkTemplate(report, original, tools.cfnLint, command);
  const deployed = await deployFirst(report, toolkit, settings, original);
  const as = (credentials?: Credentials) => createAws(emulator, credentials);
  const client = () => clientOf({ deployed }, as(), emulator);
  const world: World = { report, aws: as(emulator.credentials), as, client, simulator, deployed, settings };

  await Promise.race([useService(world, toolkitOf, released, command), aborted(signal)]);
};

const useService = async (
  world: World,
  toolkitOf: (stage: string, app?: string) => Toolkit,
  released: Promise<Released>,
  command: CommandOptions,
): Promise<void> => {
  const toolkit = toolkitOf(STAGE);
  await putApiKey(world, API_KEY);
  const recordId = await useHttpApi(world);
  const queuedAt = Date.now();
  const queuedId = await queueByHttp(world);
  await invokeDirectly(world);
  await deployAgain(world, toolkit);
  // Intake also drains the ledger: no message may arrive before the scheduled dispatch has submitted this request.
  await awaitSchedule(world, queuedId, queuedAt);
  await useQueueAndBus(world);
  await receiveResults(world);
  await shortenWindow(world, SHORT_WINDOW_SECONDS);
  await exhaustAndRestoreCredit(world);
  await diagnose(world, `PhotoAvatars-${STAGE}`, command);
  await deadLetterAndRedrive(world);
  const second = await deploySecondStage(world, toolkitOf, SECOND_STAGE, await released);
  await useSecondStage(world, second, toolkitOf(SECOND_STAGE));
  const updated = await update(world, toolkit, recordId);
  await useExamples(updated);
  const stackId = await destroy(updated, toolkit);
  await restoreLedger(await comeBack(updated, toolkit, stackId, recordId), toolkit);
};

try {
  await run();
} catch (error) {
  report.check(`every step completes: ${error instanceof Error ? error.message : error}`, false);
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}
const { passed, failed, limitations } = report.result();
if (limitations.length > 0)
  console.log(`\nNot verified, or different from AWS:\n${limitations.map((text) => `- ${text}`).join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
