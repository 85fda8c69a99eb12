import { type Check, error, type Finding, ok, once, runbook, skipped, warning } from './check.ts';
import type { StackReader, StackResource } from './stack-reader.ts';

export interface StackChecksOptions {
  readonly stack: StackReader;
  /** Values of the stack's outputs, by name. */
  readonly outputs: ReadonlyMap<string, string>;
}

const LIST_RESOURCES = 'cloudformation:ListStackResources';

/** Whether everything of one type is enabled. */
const enabledCheck = (
  stack: StackReader,
  check: Pick<Check, 'id'> & {
    readonly action: string;
    readonly type: string;
    readonly state: (physicalId: string, signal: AbortSignal) => Promise<string | undefined>;
    readonly effect: string;
    readonly fix: string;
  },
): Check => ({
  id: check.id,
  actions: [LIST_RESOURCES, check.action],
  async run(signal): Promise<Finding> {
    const resources = await stack.ofType(check.type, signal);
    const states = await Promise.all(
      resources.map(async ({ logicalId, physicalId }) => ({
        logicalId,
        state: (await check.state(physicalId, signal)) ?? 'unknown',
      })),
    );
    if (states.length === 0) return error('The stack has none.', 'Deploy it again.');
    const off = states.filter(({ state }) => state.toUpperCase() !== 'ENABLED');
    if (off.length === 0) return ok(`${states.length} enabled.`);
    const named = off.map(({ logicalId, state }) => `${logicalId} is ${state}`).join(', ');
    return error(`${named}: ${check.effect}`, check.fix);
  },
});

/** ARNs of the queues that other queues of the stack name as their dead-letter queue. */
const deadLetterArns = (attributes: readonly Partial<Record<string, string>>[]): Set<unknown> =>
  new Set(
    attributes.flatMap(({ RedrivePolicy }) =>
      RedrivePolicy ? [JSON.parse(RedrivePolicy).deadLetterTargetArn] : [],
    ),
  );

/** A limit of an alarm, which the settings of the deployment decide. @returns the default if it cannot be read */
export const thresholdOf = async (
  stack: StackReader,
  metricName: string,
  otherwise: number,
  signal: AbortSignal,
): Promise<number> => {
  const alarms = await stack.alarms(signal).catch(() => []);
  return alarms.find(({ MetricName }) => MetricName === metricName)?.Threshold ?? otherwise;
};

/** The checks that read the deployed resources. */
export const stackChecks = ({ stack, outputs }: StackChecksOptions): Check[] => {
  const protection = once((signal) => stack.tableProtection(outputs.get('TableName') ?? '', signal));

  return [
    {
      id: 'alarms',
      actions: [LIST_RESOURCES, 'cloudwatch:DescribeAlarms'],
      async run(signal) {
        const alarms = await stack.alarms(signal);
        if (alarms.length === 0) return error('The stack has no alarms.', 'Deploy it again.');
        const silent = alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false);
        if (silent.length > 0) {
          const names = silent.map(({ AlarmName }) => AlarmName).join(' ');
          return warning(
            `${silent.length} of ${alarms.length} alarms send no notification: their actions are disabled.`,
            `aws cloudwatch enable-alarm-actions --alarm-names ${names}`,
          );
        }
        const on = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
        if (on.length === 0) return ok(`None of ${alarms.length} is on.`);
        const pages = new Set(on.map(({ AlarmDescription = '' }) => AlarmDescription.split(' ').at(-1)));
        return warning(
          `${on.length} of ${alarms.length} on: ${on.map(({ AlarmName }) => AlarmName).join(', ')}.`,
          `See ${[...pages].join(', ')}.`,
        );
      },
    },
    {
      id: 'alarm-receivers',
      actions: ['sns:ListSubscriptionsByTopic', LIST_RESOURCES, 'cloudwatch:DescribeAlarms'],
      async run(signal) {
        const subscriptions = await stack.subscriptions(outputs.get('AlarmTopic') ?? '', signal);
        const confirmed = subscriptions.filter(({ isConfirmed }) => isConfirmed).length;
        if (confirmed > 0) return ok(`${confirmed} confirmed.`);
        const actions = new Set(
          (await stack.alarms(signal)).flatMap(({ AlarmActions = [] }) => AlarmActions),
        );
        if (actions.size > 1) return ok(`${actions.size - 1} besides the alarm topic, which has none.`);
        if (subscriptions.length > 0)
          return warning(
            'No alarm reaches anybody: the subscription of the alarm topic is not confirmed.',
            'Click the link in the message from AWS. If it is lost, subscribe the address again.',
          );
        return warning(
          'The alarm topic has no subscription.',
          'Deploy with -c alarmEmail=you@example.com, or subscribe to the output AlarmTopic.',
        );
      },
    },
    {
      id: 'dead-letters',
      actions: [LIST_RESOURCES, 'sqs:GetQueueAttributes'],
      async run(signal) {
        const queues = await stack.ofType('AWS::SQS::Queue', signal);
        const read = async ({ physicalId, ...queue }: StackResource) => ({
          ...queue,
          attributes: await stack.queueAttributes(physicalId, signal),
        });
        const all = await Promise.all(queues.map(read));
        const arns = deadLetterArns(all.map(({ attributes }) => attributes));
        const deadLetters = all.filter(({ attributes }) => arns.has(attributes.QueueArn));
        if (deadLetters.length === 0) return error('The stack has no dead-letter queue.', 'Deploy it again.');
        const filled = deadLetters.flatMap(({ logicalId, attributes }) => {
          const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } =
            attributes;
          const count = Number(visible ?? 0) + Number(hidden ?? 0);
          return count > 0 ? [`${count} in ${logicalId}`] : [];
        });
        if (filled.length === 0) return ok(`None in ${deadLetters.length} dead-letter queues.`);
        return error(`Requests that were not recorded: ${filled.join(', ')}.`, runbook('dead-letters'));
      },
    },
    enabledCheck(stack, {
      id: 'schedule',
      action: 'scheduler:GetSchedule',
      type: 'AWS::Scheduler::Schedule',
      state: stack.scheduleState,
      effect: 'dispatch does not run.',
      fix: runbook('dispatch-stopped'),
    }),
    enabledCheck(stack, {
      id: 'event-rules',
      action: 'events:DescribeRule',
      type: 'AWS::Events::Rule',
      state: stack.ruleState,
      effect: 'events are not recorded, or the end of alarms is not announced.',
      fix: 'Enable it in the EventBridge console.',
    }),
    enabledCheck(stack, {
      id: 'event-source-mappings',
      action: 'lambda:GetEventSourceMapping',
      type: 'AWS::Lambda::EventSourceMapping',
      state: stack.mappingState,
      effect: 'messages wait on the queue.',
      fix: 'Enable the trigger of intake in the Lambda console.',
    }),
    {
      id: 'point-in-time-recovery',
      actions: ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'],
      async run(signal) {
        if ((await protection(signal)).pointInTimeRecovery) return ok('On: the ledger can be restored.');
        return error(
          'Off: the ledger cannot be restored.',
          'Deploy again, or enable it in the DynamoDB console.',
        );
      },
    },
    {
      id: 'deletion-protection',
      actions: ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'],
      async run(signal) {
        if ((await protection(signal)).deletionProtection)
          return ok("On: the ledger's table cannot be deleted.");
        return warning(
          "Off: the ledger's table can be deleted.",
          'Intended with removalPolicy=destroy. Otherwise deploy again.',
        );
      },
    },
  ];
};

/** The same checks for a service without a known stack. */
export const withoutStack = (checks: readonly Check[], reason: string): Check[] =>
  checks.map(({ id }) => ({ id, run: async () => skipped(reason) }));
