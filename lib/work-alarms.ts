import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC } from '../lambda/metrics.ts';
import { serviceAlarm, type WatchedService } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

export interface WorkAlarmsProps extends WatchedService {
  /** Most paid calls a day (UTC). */
  readonly dailyCallLimit: number;
  /** Credits below which someone is told. */
  readonly lowCreditThreshold: number;
  /** How long the oldest queued request may wait. */
  readonly backlogAlarmAfter: Duration;
}

/** Share of the daily limit at which a person is told. */
const NEAR_THE_LIMIT = 0.8;

/** Alarms about the work that waits and the purse that pays for it, by the gauges that dispatch publishes every minute. */
export class WorkAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: WorkAlarmsProps) {
    super(scope, id);
    const { serviceName, dailyCallLimit, lowCreditThreshold, backlogAlarmAfter, onCall } = props;
    const period = Duration.minutes(5);
    this.alarms = [
      serviceAlarm(this, 'DispatchStopped', {
        // A gauge that is there says that dispatch ran and could read the ledger, which Lambda's own count does not.
        metric: serviceMetric(serviceName, METRIC.slotsInUse, { statistic: Stats.SAMPLE_COUNT, period }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
        impact: 'Queued requests are not submitted: dispatch has not run for five minutes.',
        remedy: 'Look at its schedule and its log.',
        section: 'dispatch-stopped',
        onCall,
      }),
      serviceAlarm(this, 'Backlog', {
        metric: serviceMetric(serviceName, METRIC.oldestQueuedAge, { statistic: Stats.MAXIMUM, period }),
        threshold: backlogAlarmAfter.toSeconds(),
        impact: `Someone has waited for ${backlogAlarmAfter.toMinutes()} minutes, and the request is not even with JoggAI.`,
        remedy: 'See what holds the line up: a block, a pause, the daily limit, or just its length.',
        section: 'backlog',
        onCall,
      }),
      serviceAlarm(this, 'DailyLimitNear', {
        metric: serviceMetric(serviceName, METRIC.callsToday, { statistic: Stats.MAXIMUM, period }),
        threshold: Math.ceil(NEAR_THE_LIMIT * dailyCallLimit),
        impact: `At ${dailyCallLimit} paid calls today (UTC) requests are turned back or wait until midnight: 80 % are used up.`,
        remedy:
          'If the calls are wanted, raise dailyCallLimit; if not, pause the account and find who makes them.',
        section: 'daily-limit-near',
        onCall,
      }),
      serviceAlarm(this, 'LowCredit', {
        // The most of five looks: one that JoggAI answered wrongly sets nothing off.
        metric: serviceMetric(serviceName, METRIC.creditsLeft, { statistic: Stats.MAXIMUM, period }),
        threshold: lowCreditThreshold,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        // JoggAI did not say. That is neither a top-up nor a bill, so what was known last still holds.
        treatMissingData: TreatMissingData.IGNORE,
        impact: `Soon nobody gets a photo avatar: fewer than ${lowCreditThreshold} JoggAI credits are left.`,
        remedy: 'Top up the account in the JoggAI dashboard before they are used up.',
        section: 'low-credit',
        onCall,
      }),
    ];
  }
}
