import { createClient, type PhotoAvatarsClient } from '../../client/index.ts';
import { ALARM_DEFAULTS } from '../../lambda/shared/alarms.ts';
import { METRIC } from '../../lambda/shared/metrics.ts';
import { type Check, type CheckResult, error, ok, redacted, runChecks } from '../checks/check.ts';
import { serviceChecks } from '../checks/service-checks.ts';
import { stackChecks, thresholdOf, withoutStack } from '../checks/stack-checks.ts';
import { createStackReader } from '../checks/stack-reader.ts';
import type { AddCommand } from '../command.ts';
import { readDuration } from '../durations.ts';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { commandLine, type Session } from '../session.ts';
import type { FoundStack } from '../stacks.ts';
import { findTarget, type Target } from '../target.ts';

/** Time limit of each of three steps: to find the service, to start its function, and to check all at the same time. */
const DEFAULT_TIMEOUT = '3s';

const REQUIRED_OUTPUTS = ['ApiUrl', 'TableName', 'AlarmTopic', 'PutApiKeyCommand'];

const find = async ({ targetOptions, interruption }: Session, limitMs: number) => {
  const signal = AbortSignal.any([AbortSignal.timeout(limitMs), interruption.stop]);
  try {
    return await findTarget({ ...targetOptions, signal });
  } catch (failure) {
    if (!signal.aborted || interruption.stop.aborted) throw failure;
    throw new CommandError(
      EXIT.failed,
      'no-answer',
      `CloudFormation did not answer within ${limitMs / 1_000} s. Check the network and its proxy, and run it again.`,
    );
  }
};

const outputsCheck = (found: FoundStack | undefined, { url }: Target): Check => ({
  id: 'outputs',
  async run() {
    if (!found) return ok(`Not needed: the service is ${url}.`);
    const missing = REQUIRED_OUTPUTS.filter((name) => !found.outputs.has(name));
    if (missing.length === 0) return ok(`${found.outputs.size} outputs.`);
    return error(`The stack lacks the outputs ${missing.join(', ')}.`, 'Deploy it again.');
  },
});

const checksOf = (
  target: Target,
  client: PhotoAvatarsClient,
  session: Session,
  allowMissingKey: boolean,
): Check[] => {
  const { targetOptions } = session;
  const { stack: found } = target;
  const { name: stackName = '', region = '', outputs = new Map() } = found ?? {};
  const stack = createStackReader({ stackName, region, profile: targetOptions.profile });
  const limitOf = (metric: string, otherwise: number) => (signal: AbortSignal) =>
    found ? thresholdOf(stack, metric, otherwise, signal) : Promise.resolve(otherwise);
  const longWait = limitOf(METRIC.oldestQueuedAge, 60 * ALARM_DEFAULTS.backlogAlarmMinutes);
  const ofStack = stackChecks({ stack, outputs });
  return [
    outputsCheck(found, target),
    ...serviceChecks({
      client,
      lowCredits: limitOf(METRIC.creditsLeft, ALARM_DEFAULTS.lowCreditThreshold),
      longWaitMs: async (signal) => 1_000 * (await longWait(signal)),
      putApiKey: targetOptions.local
        ? 'Start it with JOGGAI_API_KEY, or without it for the simulator.'
        : "Run the command in the stack's output PutApiKeyCommand.",
      allowMissingKey,
      command: (...args) => commandLine(targetOptions, ...args),
      now: Date.now,
    }),
    ...(found ? ofStack : withoutStack(ofStack, 'Only with --stack.')),
  ];
};

const COUNTED = ['ok', 'warning', 'error', 'skipped'] as const;

const STYLES = { ok: 'green', warning: 'yellow', error: 'red', skipped: 'dim' } as const;

const linesOf = (results: readonly CheckResult[], out: Output): string[] => {
  const width = Math.max(...results.map(({ id }) => id.length));
  const indent = ' '.repeat(9 + width + 2);
  return results.flatMap(({ id, status, detail, fix }) => [
    `${out.style(STYLES[status], status.padEnd(7))}  ${id.padEnd(width)}  ${detail}`,
    ...(fix === undefined ? [] : [`${indent}→ ${fix}`]),
  ]);
};

interface DoctorOptions {
  readonly strict?: boolean;
  readonly allowMissingKey?: boolean;
  readonly timeout: string;
}

const diagnose = async (
  session: Session,
  { strict = false, allowMissingKey = false, timeout }: DoctorOptions,
): Promise<ExitCode> => {
  const { out, interruption } = session;
  const limitMs = readDuration(timeout);
  const target = await find(session, limitMs);
  out.note(target.label);
  const { url, auth } = target;
  const client = createClient({ url, ...(auth && { auth }), maxRetries: 0 });
  const starting = AbortSignal.any([AbortSignal.timeout(limitMs), interruption.stop]);
  // A function that was not used for a while takes longer. The checks report what is wrong with it.
  await client.account({ signal: starting }).catch(() => undefined);
  // Ends what a check left running, so that the process does not wait for it.
  const end = new AbortController();
  const limit = AbortSignal.any([AbortSignal.timeout(limitMs), interruption.stop, end.signal]);
  const checks = await runChecks(checksOf(target, client, session, allowMissingKey), limit, limitMs);
  end.abort();

  const counts = Object.fromEntries(
    COUNTED.map((status) => [status, checks.filter((result) => result.status === status).length]),
  );
  const summary = COUNTED.map((status) => `${counts[status]} ${status}`).join(', ');
  out.result({ service: redacted(target.label), counts, checks }, [...linesOf(checks, out), '', summary]);
  return counts.error || (strict && counts.warning) ? EXIT.failed : EXIT.done;
};

export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .description('Check a deployment: what is wrong, and what to do. Reads only, and costs nothing.')
    .option(
      '--timeout <time>',
      'time limit of each step: finding the service, starting it, all checks',
      DEFAULT_TIMEOUT,
    )
    .option('--strict', 'exit with 1 on warnings, too')
    .option(
      '--allow-missing-key',
      'report a JoggAI key that was never stored as a warning: for the first deployment of a stage',
    )
    .action(run(diagnose));
};
