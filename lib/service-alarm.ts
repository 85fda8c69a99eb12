import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { OnCall } from './on-call.ts';

/** The service whose metrics are monitored. */
export interface MonitoredService {
  /** Value of the `service` dimension. */
  readonly serviceName: string;
  readonly onCall: OnCall;
}

export interface ServiceAlarmProps {
  /** A gauge, or a count over the period within which repetitions belong to the same incident. */
  readonly metric: IMetric;
  /** What users or operators notice, in one or two sentences. */
  readonly impact: string;
  /** What to do first. */
  readonly remedy: string;
  /** The heading of the alarm's section in docs/operations.md, as an anchor. */
  readonly section: string;
  readonly onCall: OnCall;
  /**
   * Whether the metric is a state, so that the end of the alarm shows the recovery and is announced. The end of an alarm
   * on a count shows only that nothing happened again.
   *
   * @default false
   */
  readonly followsState?: boolean;
  /** @default 1 */
  readonly threshold?: number;
  /** @default - at or above the threshold */
  readonly comparisonOperator?: ComparisonOperator;
  /**
   * What missing data means.
   *
   * @default - not breaching, because a count is emitted only when it is above 0
   */
  readonly treatMissingData?: TreatMissingData;
}

/** An alarm that one breaching period starts and one other period ends. */
export const serviceAlarm = (scope: Construct, id: string, props: ServiceAlarmProps): Alarm => {
  const { topic, actions, runbookUrl } = props.onCall;
  const alarm = new Alarm(scope, id, {
    metric: props.metric,
    alarmDescription: `${props.impact} ${props.remedy} See ${runbookUrl}#${props.section}`,
    threshold: props.threshold ?? 1,
    comparisonOperator: props.comparisonOperator ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: props.treatMissingData ?? TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(topic, ...actions);
  if (props.followsState) {
    topic.announceEnd(alarm);
    // A pager closes its incident by it, and ignores an end without one.
    if (actions.length > 0) alarm.addOkAction(...actions);
  }
  return alarm;
};
