import type { AlarmHistoryItem, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { redacted } from '../checks/check.ts';
import { createStackReader, type StackReader, type Subscription } from '../checks/stack-reader.ts';
import { didYouMean } from '../closest.ts';
import type { AddCommand } from '../command.ts';
import { CommandError, EXIT, type ExitCode, usageError } from '../exit-codes.ts';
import { commandLine, type Session } from '../session.ts';
import { findStack } from '../stacks.ts';
import { tableOf } from '../table.ts';

/** It follows a state, so its end is announced, too, and its text is harmless. */
const DEFAULT_ALARM = 'daily-limit-near';

/** How often and how long the alarm's history is read for what became of the notification. */
const POLL_MS = 1_000;
const POLLS = 10;

/** An alarm is named by its section in the runbook, which its text links. */
const sectionOf = ({ AlarmDescription = '' }: MetricAlarm): string =>
  AlarmDescription.split('#').at(-1) ?? '';

const findAlarm = (alarms: readonly MetricAlarm[], name: string): MetricAlarm => {
  const found = alarms.find((alarm) => sectionOf(alarm) === name || alarm.AlarmName === name);
  if (found) return found;
  const names = [...new Set(alarms.map(sectionOf))].sort();
  throw usageError(
    `There is no alarm "${name}".${didYouMean(name, names)} The alarms are: ${names.join(', ')}. Nothing was sent.`,
  );
};

interface Receiver {
  readonly protocol: string;
  readonly endpoint: string;
  readonly status: 'confirmed' | 'not confirmed';
}

/** Enough to recognize it, without personal data and without the secrets that addresses of pagers contain. */
const shown = ({ protocol, endpoint }: Subscription): string => {
  if (protocol.startsWith('email')) return endpoint.replace(/^(.)[^@]*/, '$1…');
  if (protocol.startsWith('http')) return URL.canParse(endpoint) ? new URL(endpoint).host : '…';
  if (protocol === 'sms') return `…${endpoint.slice(-2)}`;
  return endpoint.split(/[:/]/).at(-1) ?? '';
};

/** Who is notified: the subscribers of topics, and other actions directly. */
const receiversOf = async (stack: StackReader, { AlarmActions = [] }: MetricAlarm): Promise<Receiver[]> => {
  const lists = await Promise.all(
    AlarmActions.map(async (arn): Promise<Receiver[]> => {
      const [, , service = '', , , resource = ''] = arn.split(':');
      if (service !== 'sns') return [{ protocol: service, endpoint: resource, status: 'confirmed' }];
      return (await stack.subscriptions(arn)).map((subscription) => ({
        protocol: subscription.protocol,
        endpoint: shown(subscription),
        status: subscription.isConfirmed ? 'confirmed' : 'not confirmed',
      }));
    }),
  );
  return lists.flat();
};

const tableOfReceivers = (receivers: readonly Receiver[]): string[] =>
  tableOf(
    ['protocol', 'endpoint', 'subscription'],
    receivers.map(({ protocol, endpoint, status }) => [protocol, endpoint, status]),
  );

const test = async (session: Session, _: unknown, name = DEFAULT_ALARM): Promise<ExitCode> => {
  const { out, interruption, targetOptions } = session;
  if (!targetOptions.stack) throw usageError('test-alarm needs --stack NAME. Nothing was sent.');
  const { region, account, outputs } = await findStack(targetOptions.stack, targetOptions);
  out.note(`${targetOptions.stack} · account ${account} · ${region}`);
  const { profile } = targetOptions;
  const stack = createStackReader({ stackName: targetOptions.stack, region, profile });
  const alarm = findAlarm(await stack.alarms(interruption.stop), name);
  const { AlarmName = '', StateValue, ActionsEnabled } = alarm;

  const receivers = await receiversOf(stack, alarm);
  for (const line of tableOfReceivers(receivers)) out.note(line);
  if (!receivers.some(({ status }) => status === 'confirmed')) {
    const fix =
      receivers.length > 0
        ? 'Click the link in the message from AWS, or subscribe the address again.'
        : `Deploy with -c alarmEmail=you@example.com, or subscribe to ${outputs.get('AlarmTopic') ?? 'the alarm topic'}.`;
    throw new CommandError(
      EXIT.failed,
      'no-receiver',
      `No subscriber would receive the alarm, so it was not set. ${fix}`,
    );
  }
  if (StateValue === 'ALARM' || ActionsEnabled === false) {
    const reason = StateValue === 'ALARM' ? 'is on already' : 'has its actions disabled';
    throw new CommandError(
      EXIT.failed,
      'not-testable',
      `The alarm ${AlarmName} ${reason}, so a test would send no notification. Choose another, for example: ` +
        commandLine(targetOptions, 'test-alarm', 'low-credit'),
    );
  }

  const actions = await setAndReset(stack, alarm, interruption.stop);
  const isFailed = actions.some(({ executed }) => !executed);
  const result = {
    alarm: AlarmName,
    receivers,
    actions: actions.map(({ executed, summary }) => ({ executed, summary: redacted(summary) })),
  };
  out.result(result, [
    `${AlarmName} was set to ALARM and back to OK.`,
    ...result.actions.map(({ summary }) => summary),
    ...(actions.length === 0 ? [`CloudWatch reported no notification within ${POLLS} s.`] : []),
    isFailed
      ? 'A notification failed: see the policies of the topic and its key in docs/operations.md.'
      : 'Every confirmed receiver should have a message that it is on, and, if it follows a state, one that it ended.',
  ]);
  return isFailed ? EXIT.failed : EXIT.done;
};

interface Action {
  readonly executed: boolean;
  readonly summary: string;
}

/** Sets the alarm to ALARM, and back to OK whatever happens. @returns what CloudWatch did, as its history says */
const setAndReset = async (
  stack: StackReader,
  { AlarmName, AlarmActions = [] }: MetricAlarm,
  stop: AbortSignal,
): Promise<Action[]> => {
  const { sdk, client } = await stack.cloudWatch(stop);
  const history = async (): Promise<AlarmHistoryItem[]> => {
    const command = new sdk.DescribeAlarmHistoryCommand({
      AlarmName,
      HistoryItemType: 'Action',
      ScanBy: 'TimestampDescending',
      MaxRecords: 10,
    });
    return (await client.send(command)).AlarmHistoryItems ?? [];
  };
  const set = (StateValue: 'ALARM' | 'OK', StateReason: string) =>
    client.send(new sdk.SetAlarmStateCommand({ AlarmName, StateValue, StateReason }));

  const before = (await history())[0]?.Timestamp?.getTime() ?? 0;
  await set('ALARM', 'A test of the notification by photo-avatars test-alarm: nothing is wrong.');
  let entries: AlarmHistoryItem[] = [];
  try {
    for (let poll = 0; poll < POLLS && entries.length < AlarmActions.length && !stop.aborted; poll += 1) {
      if (poll > 0) await pause(POLL_MS);
      entries = (await history()).filter(({ Timestamp }) => (Timestamp?.getTime() ?? 0) > before);
    }
  } finally {
    await set('OK', 'The end of the test by photo-avatars test-alarm.');
  }
  return entries.map(({ HistorySummary: summary = '' }) => ({
    executed: summary.startsWith('Successfully'),
    summary,
  }));
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const addTestAlarm: AddCommand = (program, run) => {
  program
    .command('test-alarm')
    .argument('[name]', 'the alarm, by its section in docs/operations.md', DEFAULT_ALARM)
    .description('List who receives the alarms, and send them a test: set an alarm to ALARM and back.')
    .action(run(test));
};
