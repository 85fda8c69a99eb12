import { Duration } from 'aws-cdk-lib';
import { type Alarm, type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC } from '../lambda/metrics.ts';
import { serviceAlarm, type WatchedService } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

/** Failures an hour below which their share says nothing. */
const FEWEST_FAILURES = 5;

/** Share of failures, in percent, at which paying for more is worth a thought. */
const BAD_SHARE = 50;

/** Alarms about what comes after JoggAI took a request, counted by dispatch while it follows it to its end. */
export class GenerationAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { serviceName, onCall }: WatchedService) {
    super(scope, id);
    this.alarms = [
      serviceAlarm(this, 'GenerationsFail', {
        metric: failedShare(serviceName),
        threshold: BAD_SHARE,
        impact: `Most people get an error for the credits they spend: ${FEWEST_FAILURES} requests or more failed in an hour, and no more than that succeeded.`,
        remedy: 'Read what JoggAI says about them; pause the account if it is not the requests.',
        section: 'generations-fail',
        onCall,
      }),
      serviceAlarm(this, 'ImagesNotCopied', {
        // Longer than the longest time from one try to the next, so that all tries are one incident.
        metric: serviceMetric(serviceName, METRIC.imageNotCopied, { period: Duration.hours(1) }),
        // One picture that could not be had once is tried again within a minute.
        threshold: 2,
        impact: 'Pictures that are paid for lie only with JoggAI, and nobody knows for how long.',
        remedy: 'Read why in the log of dispatch; a host that is new has to be added to imageHosts.',
        section: 'images-not-copied',
        onCall,
      }),
      serviceAlarm(this, 'UnseenStatus', {
        // A generation is looked at every five minutes at least.
        metric: serviceMetric(serviceName, METRIC.unseenStatus, { period: Duration.minutes(15) }),
        impact:
          'A warning: JoggAI gives a generation a status that this service does not know, and waits for its end until it gives up.',
        remedy: 'Read the status in the log of dispatch, and report it.',
        section: 'unseen-status',
        onCall,
      }),
    ];
  }
}

/** Percent of what ended within an hour; 0 where too few failed. */
const failedShare = (serviceName: string): IMetric =>
  new MathExpression({
    expression: `IF(FILL(failed, 0) >= ${FEWEST_FAILURES}, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(succeeded, 0)), 0)`,
    usingMetrics: {
      failed: serviceMetric(serviceName, METRIC.failed),
      succeeded: serviceMetric(serviceName, METRIC.succeeded),
    },
    label: 'Failed, percent',
    period: Duration.hours(1),
  });
