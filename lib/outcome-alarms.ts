import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC, type MetricName } from '../lambda/shared/metrics.ts';
import { type MonitoredService, serviceAlarm } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

interface OutcomeAlarm {
  readonly id: string;
  readonly metric: MetricName;
  readonly impact: string;
  readonly remedy: string;
  readonly section: string;
  /** Whether dispatch publishes the metric every minute: 1 while the state lasts, else 0. */
  readonly followsState?: boolean;
}

const OUTCOME_ALARMS: readonly OutcomeAlarm[] = [
  {
    id: 'InsufficientCredit',
    metric: METRIC.insufficientCredit,
    impact: 'No photo avatars are generated: the JoggAI account has no credit left.',
    remedy: 'Top up the account in the JoggAI dashboard.',
    section: 'insufficient-credit',
    followsState: true,
  },
  {
    id: 'NoPermission',
    metric: METRIC.noPermission,
    impact: "No photo avatars are generated: the JoggAI account's plan does not include the API.",
    remedy: 'Check the plan in the JoggAI dashboard.',
    section: 'no-permission',
    followsState: true,
  },
  {
    id: 'InvalidApiKey',
    metric: METRIC.invalidApiKey,
    impact: 'No photo avatars are generated: JoggAI refuses the API key.',
    remedy: 'Store a valid key in the secret.',
    section: 'invalid-api-key',
    followsState: true,
  },
  {
    id: 'MissingApiKey',
    metric: METRIC.missingApiKey,
    impact: 'No photo avatars are generated: the secret holds no usable API key, or cannot be read.',
    remedy: "Store the key in the secret with the stack's PutApiKeyCommand output.",
    section: 'missing-api-key',
  },
  {
    id: 'BackingOff',
    metric: METRIC.backingOff,
    impact:
      'No photo avatars are generated: JoggAI fails repeatedly, so the service sends only single probes.',
    remedy:
      'Nothing is lost. Check the status of JoggAI, and resolve the few requests that failed or are in doubt.',
    section: 'backing-off',
    followsState: true,
  },
  {
    id: 'InDoubt',
    metric: METRIC.inDoubt,
    impact:
      'A request may have been charged without a result: it was sent to JoggAI, and no readable answer arrived.',
    remedy:
      'The request is not sent again automatically. Check whether it was charged, then resolve the record.',
    section: 'in-doubt',
  },
  {
    id: 'UnreadableItem',
    metric: METRIC.unreadableItem,
    impact: 'A request waits, or no paid calls are made: an item of the ledger cannot be read.',
    remedy: 'Find its id in the logs and repair it.',
    section: 'unreadable-item',
  },
  {
    id: 'UnexpectedError',
    metric: METRIC.unexpectedError,
    impact: 'An unhandled error occurred: HTTP callers received 503, or requests from events wait.',
    remedy: 'Search the logs of the functions for the level ERROR to find the cause.',
    section: 'unexpected-error',
  },
];

/** Alarms about the outcomes of requests. */
export class OutcomeAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: MonitoredService) {
    super(scope, id);
    this.alarms = OUTCOME_ALARMS.map(({ id: alarmId, metric, ...texts }) =>
      serviceAlarm(this, alarmId, {
        ...texts,
        metric: serviceMetric(props.serviceName, metric, { period: Duration.minutes(5) }),
        onCall: props.onCall,
      }),
    );
  }
}
