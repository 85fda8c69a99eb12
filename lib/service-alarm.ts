import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** Whose metrics are watched, and who is told. */
export interface WatchedService {
  /** Value of the `service` dimension. */
  readonly serviceName: string;
  readonly onCall: IAlarmAction;
}

export interface ServiceAlarmProps {
  /** Counts occurrences over the period within which a repetition belongs to the same incident, or is a gauge. */
  readonly metric: IMetric;
  /** What people notice, in a sentence. */
  readonly impact: string;
  /** What to do first, in a sentence. */
  readonly remedy: string;
  /** The heading of the alarm's section in docs/operations.md, as an anchor. */
  readonly section: string;
  /** Told when the alarm starts and when it ends. */
  readonly onCall: IAlarmAction;
  /** The value that sets it off. @default 1 */
  readonly threshold?: number;
  /** @default - at or above the threshold */
  readonly comparisonOperator?: ComparisonOperator;
  /**
   * What it means that there is no data.
   *
   * @default - nothing happened: counts are emitted only when there is something to count
   */
  readonly treatMissingData?: TreatMissingData;
}

/** An alarm that one period sets off, and one period without a reason ends. */
export const serviceAlarm = (scope: Construct, id: string, props: ServiceAlarmProps): Alarm => {
  const alarm = new Alarm(scope, id, {
    metric: props.metric,
    alarmDescription: `${props.impact} ${props.remedy} See docs/operations.md#${props.section}`,
    threshold: props.threshold ?? 1,
    comparisonOperator: props.comparisonOperator ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: props.treatMissingData ?? TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(props.onCall);
  alarm.addOkAction(props.onCall);
  return alarm;
};
