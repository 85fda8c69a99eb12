import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC } from '../lambda/shared/metrics.ts';
import { type MonitoredService, serviceAlarm } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

export interface WorkAlarmsProps extends MonitoredService {
  /** Maximum number of paid calls per UTC day. */
  readonly dailyCallLimit: number;
  /** Remaining credits below which the alarm fires. */
  readonly lowCreditThreshold: number;
  /** How long the oldest queued request may wait before the alarm fires. */
  readonly backlogAlarmAfter: Duration;
}

/** Share of the daily limit at which the alarm fires. */
const DAILY_LIMIT_WARNING = 0.8;

/** Alarms about the backlog, the daily limit and the credits, on gauges that dispatch publishes every minute. */
export class WorkAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: WorkAlarmsProps) {
    super(scope, id);
    const { serviceName, dailyCallLimit, lowCreditThreshold, backlogAlarmAfter, onCall } = props;
    const period = Duration.minutes(5);
    this.alarms = [
      serviceAlarm(this, 'DispatchStopped', {
        // A gauge shows that dispatch ran and could read the ledger; Lambda's invocation count shows only that it ran.
        metric: serviceMetric(serviceName, METRIC.slotsInUse, { statistic: Stats.SAMPLE_COUNT, period }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
        impact: 'Queued requests are not submitted: dispatch has not run for five minutes.',
        remedy: 'Check its schedule and its log.',
        section: 'dispatch-stopped',
        followsState: true,
        onCall,
      }),
      serviceAlarm(this, 'Backlog', {
        metric: serviceMetric(serviceName, METRIC.oldestQueuedAge, { statistic: Stats.MAXIMUM, period }),
        threshold: backlogAlarmAfter.toSeconds(),
        impact: `A request has been queued for ${backlogAlarmAfter.toMinutes()} minutes and is not yet submitted to JoggAI.`,
        remedy: 'Find the cause: a block, a pause, the daily limit, or the number of queued requests.',
        section: 'backlog',
        followsState: true,
        onCall,
      }),
      serviceAlarm(this, 'DailyLimitNear', {
        metric: serviceMetric(serviceName, METRIC.callsToday, { statistic: Stats.MAXIMUM, period }),
        threshold: Math.ceil(DAILY_LIMIT_WARNING * dailyCallLimit),
        impact: `80 % of the daily limit is used: after ${dailyCallLimit} paid calls, requests are rejected or wait until midnight (UTC).`,
        remedy:
          'If the calls are intended, raise dailyCallLimit. Otherwise pause the account and identify the caller.',
        section: 'daily-limit-near',
        followsState: true,
        onCall,
      }),
      serviceAlarm(this, 'LowCredit', {
        // The maximum of five checks, so that a single wrong answer of JoggAI does not start the alarm.
        metric: serviceMetric(serviceName, METRIC.creditsLeft, { statistic: Stats.MAXIMUM, period }),
        threshold: lowCreditThreshold,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        // JoggAI did not report the credits, so the alarm keeps its state.
        treatMissingData: TreatMissingData.IGNORE,
        impact: `Photo avatars will stop soon: fewer than ${lowCreditThreshold} JoggAI credits are left.`,
        remedy: 'Top up the account in the JoggAI dashboard.',
        section: 'low-credit',
        followsState: true,
        onCall,
      }),
    ];
  }
}
