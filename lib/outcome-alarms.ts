import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRIC, type MetricName } from '../lambda/metrics.ts';
import { serviceAlarm, type WatchedService } from './service-alarm.ts';
import { serviceMetric } from './service-metrics.ts';

interface Watch {
  readonly id: string;
  readonly metric: MetricName;
  readonly impact: string;
  readonly remedy: string;
  readonly section: string;
}

const WATCHES: readonly Watch[] = [
  {
    id: 'InsufficientCredit',
    metric: METRIC.insufficientCredit,
    impact: 'Nobody gets a photo avatar: the JoggAI account has no credit left.',
    remedy: 'Top up the account in the JoggAI dashboard.',
    section: 'insufficient-credit',
  },
  {
    id: 'NoPermission',
    metric: METRIC.noPermission,
    impact: "Nobody gets a photo avatar: JoggAI says that the account's plan may not use its API.",
    remedy: 'Check the plan in the JoggAI dashboard.',
    section: 'no-permission',
  },
  {
    id: 'InvalidApiKey',
    metric: METRIC.invalidApiKey,
    impact: 'Nobody gets a photo avatar: JoggAI refuses the API key.',
    remedy: 'Put a valid key into the secret.',
    section: 'invalid-api-key',
  },
  {
    id: 'MissingApiKey',
    metric: METRIC.missingApiKey,
    impact: 'Nobody gets a photo avatar: the secret holds no usable API key, or cannot be read.',
    remedy: "Put the key into the secret with the stack's PutApiKeyCommand output.",
    section: 'missing-api-key',
  },
  {
    id: 'InDoubt',
    metric: METRIC.inDoubt,
    impact:
      'Someone waits for a photo avatar that may be paid for: JoggAI got a request and gave no readable answer.',
    remedy: 'Nothing is sent again by itself; look whether it was charged, and decide.',
    section: 'in-doubt',
  },
  {
    id: 'UnexpectedError',
    metric: METRIC.unexpectedError,
    impact: 'Callers were told that the service cannot do its work right now, or requests from events wait.',
    remedy: 'Search the logs of the functions for the level ERROR: it says what did not answer.',
    section: 'unexpected-error',
  },
];

/** Alarms about what became of requests, counted by the code that knows it. */
export class OutcomeAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: WatchedService) {
    super(scope, id);
    this.alarms = WATCHES.map(({ id: alarmId, metric, ...texts }) =>
      serviceAlarm(this, alarmId, {
        ...texts,
        metric: serviceMetric(props.serviceName, metric, { period: Duration.minutes(5) }),
        onCall: props.onCall,
      }),
    );
  }
}
