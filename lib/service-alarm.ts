import { Alarm, type IAlarmAction, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface ServiceAlarmProps {
  /** Counts occurrences over the period within which a repetition belongs to the same incident. */
  readonly metric: IMetric;
  /** What people notice, in a sentence. */
  readonly impact: string;
  /** What to do first, in a sentence. */
  readonly remedy: string;
  /** The heading of the alarm's section in docs/operations.md, as an anchor. */
  readonly section: string;
  /** Told when the alarm starts and when it ends. */
  readonly onCall: IAlarmAction;
}

/**
 * An alarm that one occurrence sets off. Every metric here is emitted only when there is something to
 * count, so missing data means that nothing happened, and ends the alarm.
 */
export const serviceAlarm = (scope: Construct, id: string, props: ServiceAlarmProps): Alarm => {
  const alarm = new Alarm(scope, id, {
    metric: props.metric,
    alarmDescription: `${props.impact} ${props.remedy} See docs/operations.md#${props.section}`,
    threshold: 1,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(props.onCall);
  alarm.addOkAction(props.onCall);
  return alarm;
};
