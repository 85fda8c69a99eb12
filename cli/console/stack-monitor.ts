import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { METRICS_NAMESPACE, SERVICE_DIMENSION } from '../../lambda/shared/metrics.ts';
import type { ActiveAlarm, AlarmList, LastHour } from '../../page/contract.ts';
import {
  lastHourOf,
  type MinuteMetric,
  noLastHour,
  SERIES,
  startOfLastHour,
} from '../../page/server/last-hour.ts';
import type { Monitor } from '../../page/server/page.ts';
import { isPermission } from '../checks/check.ts';
import type { StackReader } from '../checks/stack-reader.ts';

/** How long what was read is shown again, in milliseconds: however many pages ask, CloudWatch is asked no more often. */
const ALARMS_AGE_MS = 10_000;
const FIGURES_AGE_MS = 30_000;

/** Time limit of one read, in milliseconds. */
const READ_MS = 10_000;

/** Reads at most once in a while, and shares what was read. */
const atMostEvery = <Value>(
  ms: number,
  now: () => number,
  read: () => Promise<Value>,
): (() => Promise<Value>) => {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (last === undefined || now() - last.at >= ms) last = { at: now(), value: read() };
    return last.value;
  };
};

/** Why something cannot be read, for people. */
const reasonOf = (failure: unknown, ...actions: readonly string[]): string => {
  const name = failure instanceof Error ? failure.name : 'unknown error';
  return isPermission(name)
    ? `This caller may not read them: allow ${actions.join(' and ')}.`
    : `CloudWatch could not be read (${name}).`;
};

/** The text of an alarm ends with its section in the runbook: see `serviceAlarm` in `lib/`. */
const TEXT = /^(.*?)(?: See (\S*)#([\w-]+))?$/s;

const shown = (
  { AlarmName = '', AlarmDescription = '', ...alarm }: MetricAlarm,
  stackName: string,
): ActiveAlarm => {
  const [, description = '', runbook, section] = TEXT.exec(AlarmDescription) ?? [];
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  return {
    name: section ?? AlarmName.replace(`${stackName}-`, ''),
    description,
    ...(since && { since: since.toISOString() }),
    // By default, a path in this repository.
    ...(runbook !== undefined && URL.canParse(runbook) && { runbookUrl: `${runbook}#${section}` }),
  };
};

export interface StackMonitorOptions {
  readonly stack: Pick<StackReader, 'alarmsNow' | 'cloudWatch'>;
  readonly stackName: string;
  /** The output `ServiceName`. An older deployment lacks it. */
  readonly serviceName: string | undefined;
  readonly now?: () => number;
}

/** The metrics of all series, each once. */
const METRICS: readonly MinuteMetric[] = Object.values(SERIES).flatMap(({ metrics }) => metrics);

const keyOf = ({ name, statistic }: MinuteMetric, minute: number): string => `${name} ${statistic} ${minute}`;

/** The alarms and figures of a deployed stack, from CloudWatch. */
export const createStackMonitor = ({
  stack,
  stackName,
  serviceName,
  now = Date.now,
}: StackMonitorOptions): Monitor => {
  const alarms = async (): Promise<AlarmList> => {
    try {
      const found = await stack.alarmsNow(AbortSignal.timeout(READ_MS));
      const active = found.filter(({ StateValue }) => StateValue === 'ALARM');
      return { items: active.map((alarm) => shown(alarm, stackName)) };
    } catch (failure) {
      const unavailable = reasonOf(failure, 'cloudformation:ListStackResources', 'cloudwatch:DescribeAlarms');
      return { items: [], unavailable };
    }
  };

  const valuesFrom = async (from: number): Promise<ReadonlyMap<string, number>> => {
    const abortSignal = AbortSignal.timeout(READ_MS);
    const { sdk, client } = await stack.cloudWatch(abortSignal);
    const command = new sdk.GetMetricDataCommand({
      StartTime: new Date(from),
      EndTime: new Date(now()),
      MetricDataQueries: METRICS.map(({ name, statistic }, at) => ({
        Id: `m${at}`,
        MetricStat: {
          Metric: {
            Namespace: METRICS_NAMESPACE,
            MetricName: name,
            Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceName }],
          },
          Stat: statistic,
          Period: 60,
        },
      })),
    });
    const { MetricDataResults = [] } = await client.send(command, { abortSignal });
    return new Map(
      MetricDataResults.flatMap(({ Id = '', Timestamps = [], Values = [] }) => {
        const metric = METRICS[Number(Id.slice(1))];
        return Timestamps.flatMap((at, index) => {
          const value = Values[index];
          return metric && value !== undefined ? [[keyOf(metric, at.getTime()), value] as const] : [];
        });
      }),
    );
  };

  const lastHour = async (): Promise<LastHour> => {
    const asked = now();
    if (serviceName === undefined) {
      return noLastHour(asked, 'The stack lacks the output ServiceName. Deploy it again.');
    }
    try {
      const values = await valuesFrom(startOfLastHour(asked));
      return lastHourOf(asked, (metric, minute) => values.get(keyOf(metric, minute)));
    } catch (failure) {
      return noLastHour(asked, reasonOf(failure, 'cloudwatch:GetMetricData'));
    }
  };

  return {
    alarms: atMostEvery(ALARMS_AGE_MS, now, alarms),
    lastHour: atMostEvery(FIGURES_AGE_MS, now, lastHour),
  };
};

/** For a service of which only the URL is known. */
export const withoutMonitor = (unavailable: string): Monitor => ({
  alarms: async () => ({ items: [], unavailable }),
  lastHour: async () => noLastHour(Date.now(), unavailable),
});
