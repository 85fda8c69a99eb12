import { Duration } from 'aws-cdk-lib';
import { type Alarm, type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC } from '../lambda/shared/metrics.ts';
import { type MonitoredService, serviceAlarm } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

/** Failures an hour below which their share is not significant. */
const MIN_FAILURES = 5;

/** Percent. */
const MAX_FAILED_SHARE = 50;

/** At least two polls are not answered in this time: the one at the time limit and the next, five minutes later. */
const MAX_OVERDUE = Duration.minutes(10);

/** Alarms about accepted requests, on metrics that dispatch publishes while it polls their generations. */
export class GenerationAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { serviceName, onCall }: MonitoredService) {
    super(scope, id);
    this.alarms = [
      serviceAlarm(this, 'GenerationsFail', {
        metric: failedShare(serviceName),
        threshold: MAX_FAILED_SHARE,
        impact: `At least half of the paid requests fail: ${MIN_FAILURES} or more failed within an hour.`,
        remedy:
          "Read JoggAI's messages in their records. If the requests are not the cause, pause the account.",
        section: 'generations-fail',
        onCall,
      }),
      serviceAlarm(this, 'GenerationStatusUnknown', {
        metric: serviceMetric(serviceName, METRIC.oldestGenerationOverdue, {
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(5),
        }),
        threshold: MAX_OVERDUE.toSeconds(),
        impact: `The result of a paid request is unknown: JoggAI has not reported its status until ${MAX_OVERDUE.toMinutes()} minutes after its time limit.`,
        remedy: 'Check the API key and the status of JoggAI. Do not send the request again.',
        section: 'generation-status-unknown',
        followsState: true,
        onCall,
      }),
      serviceAlarm(this, 'ImagesNotCopied', {
        // Longer than the maximum delay between two retries, so that all retries belong to one incident.
        metric: serviceMetric(serviceName, METRIC.imageNotCopied, { period: Duration.hours(1) }),
        // A single failure is retried within a minute.
        threshold: 2,
        impact: 'Paid images are stored only at JoggAI, which may delete them at any time.',
        remedy: 'Read the reason in the log of dispatch. Add a new host to imageHosts.',
        section: 'images-not-copied',
        onCall,
      }),
      serviceAlarm(this, 'UnseenStatus', {
        // A generation is polled at least every five minutes.
        metric: serviceMetric(serviceName, METRIC.unseenStatus, { period: Duration.minutes(15) }),
        impact:
          'Warning: JoggAI returned an unknown generation status. The generation is polled until it times out.',
        remedy: 'Read the status in the log of dispatch and report it.',
        section: 'unseen-status',
        onCall,
      }),
    ];
  }
}

/** Percent of the generations that ended within an hour; 0 below the minimum of failures. */
const failedShare = (serviceName: string): IMetric =>
  new MathExpression({
    expression: `IF(FILL(failed, 0) >= ${MIN_FAILURES}, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(succeeded, 0)), 0)`,
    usingMetrics: {
      failed: serviceMetric(serviceName, METRIC.failed),
      succeeded: serviceMetric(serviceName, METRIC.succeeded),
    },
    label: 'Failed (%)',
    period: Duration.hours(1),
  });
