import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC, type MetricName } from '../lambda/metrics.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { ApiKeySecret } from './api-key-secret.ts';
import { DEFAULTS } from './defaults.ts';
import { Dispatcher } from './dispatcher.ts';
import { HttpEndpoint, type JwtIssuer } from './http-endpoint.ts';
import { LedgerTable } from './ledger-table.ts';
import { OutcomeAlarms } from './outcome-alarms.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestRule } from './request-rule.ts';
import { ServiceDashboard } from './service-dashboard.ts';
import { type CommonFunctionProps, ServiceFunction } from './service-function.ts';
import { serviceMetric } from './service-metrics.ts';
import { WorkAlarms } from './work-alarms.ts';

export interface PhotoAvatarsProps {
  /** Who gets the alarms by e-mail. @default - nobody: subscribe to `alarmTopic` */
  readonly alarmEmail?: string | undefined;
  /** Lets callers of the HTTP API in by JWT. @default - by IAM: see `grantInvoke` */
  readonly jwt?: JwtIssuer | undefined;
  /** Origin of JoggAI's API. @default 'https://api.jogg.ai' */
  readonly joggaiBaseUrl?: string | undefined;
  /** How many paid calls JoggAI takes in a minute from this account. @default 20 */
  readonly joggaiCallsPerMinute?: number | undefined;
  /** Most paid calls in a day (UTC). @default 1000 */
  readonly dailyCallLimit?: number | undefined;
  /** Event bus on which requests are looked for. @default - the default bus of the account */
  readonly eventBus?: IEventBus | undefined;
  /** Sources whose events are taken for requests. @default - all of the bus */
  readonly eventSources?: readonly string[] | undefined;
  /** How long a queued request may wait until an alarm says so. @default Duration.hours(6) */
  readonly backlogAlarmAfter?: Duration | undefined;
  /** An existing secret with the JoggAI API key as its value. @default - an empty secret is created */
  readonly apiKeySecret?: ISecret | undefined;
  /** How long log lines are kept. @default RetentionDays.THREE_MONTHS */
  readonly logRetention?: RetentionDays | undefined;
  /** What the HTTP API takes from all callers together. @default - 20 requests a second, 50 at once */
  readonly throttle?: ThrottleSettings | undefined;
  /** Memory of a function in MB. @default 512 */
  readonly memorySize?: number | undefined;
  /** Days after which a finished request is deleted from the ledger. @default - never */
  readonly retentionDays?: number | undefined;
  /** What becomes of the ledger, the logs and the created secret on deletion. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** Makes stack traces name the TypeScript source, for some cold start. @default false */
  readonly sourceMaps?: boolean | undefined;
}

/**
 * JoggAI photo avatars as a service: an HTTPS endpoint and a queue that take requests, each paid for at most once, a
 * ledger of all of them, and alarms. Any number of these can live in one app, stack or account.
 */
export class PhotoAvatars extends Construct {
  /** Value of the `service` dimension of every metric, and the service's name in its logs. */
  readonly serviceName: string;
  readonly ledger: LedgerTable;
  /** Holds the JoggAI API key. */
  readonly apiKeySecret: ISecret;
  /** What to call the secret in a request to Secrets Manager: its complete ARN, or else its name. */
  readonly apiKeySecretId: string;
  readonly alarmTopic: AlarmTopic;
  /** Answers HTTP callers and direct invocations. */
  readonly api: ServiceFunction;
  readonly http: HttpEndpoint;
  /** Takes requests off the queue. */
  readonly intake: ServiceFunction;
  /** Takes requests: as they are, in EventBridge events, or in SNS notifications. */
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Puts events that ask for a photo avatar on the queue. */
  readonly requestRule: RequestRule;
  /** Moves on what is open, every minute and on demand. */
  readonly dispatcher: Dispatcher;
  readonly alarms: readonly Alarm[];
  readonly dashboard: ServiceDashboard;

  constructor(scope: Construct, id: string, props: PhotoAvatarsProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const logRetention = props.logRetention ?? DEFAULTS.logRetentionDays;
    // Contains the stack's name: two of these never count into each other's alarms.
    this.serviceName = Names.uniqueResourceName(this, { maxLength: 100, separator: '-' });
    this.alarmTopic = new AlarmTopic(this, 'AlarmTopic', { email: props.alarmEmail });
    this.ledger = new LedgerTable(this, 'Ledger', { removalPolicy, expires: Boolean(props.retentionDays) });
    this.apiKeySecret = props.apiKeySecret ?? new ApiKeySecret(this, 'ApiKey', { removalPolicy }).secret;
    // Not an ARN without its last characters: Secrets Manager takes `…:jogg-secret` for a complete one.
    this.apiKeySecretId = this.apiKeySecret.secretFullArn ?? this.apiKeySecret.secretName;

    const dailyCallLimit = props.dailyCallLimit ?? DEFAULTS.dailyCallLimit;
    const common: CommonFunctionProps = {
      environment: {
        LEDGER_TABLE: this.ledger.table.tableName,
        API_KEY_SECRET: this.apiKeySecretId,
        JOGGAI_BASE_URL: props.joggaiBaseUrl ?? DEFAULTS.joggaiBaseUrl,
        JOGGAI_CALLS_PER_WINDOW: String(props.joggaiCallsPerMinute ?? DEFAULTS.joggaiCallsPerMinute),
        JOGGAI_WINDOW_SECONDS: '60',
        DAILY_CALL_LIMIT: String(dailyCallLimit),
        POWERTOOLS_SERVICE_NAME: this.serviceName,
        ...(props.retentionDays && { RETENTION_DAYS: String(props.retentionDays) }),
      },
      memorySize: props.memorySize ?? DEFAULTS.memorySize,
      logRetention,
      removalPolicy,
      sourceMaps: props.sourceMaps ?? false,
      onCall: this.alarmTopic,
    };

    this.api = new ServiceFunction(this, 'ApiHandler', {
      ...common,
      handlerName: 'api',
      description: 'Answers callers of the HTTP API and direct invocations.',
      // API Gateway gives up after 30 s: the answer, or the timeout, has to come from the function.
      timeout: Duration.seconds(29),
      impact: {
        error: 'A request broke off: the function crashed, timed out or could not start.',
        throttle:
          'Callers were turned away before anything was recorded: Lambda had no capacity for the function.',
      },
      refusals: this.metric(METRIC.refusedInvocation),
    });
    this.intake = new ServiceFunction(this, 'IntakeHandler', {
      ...common,
      handlerName: 'intake',
      description: 'Records the requests that come in over the queue.',
      timeout: Duration.seconds(60),
      impact: {
        error: 'Requests from events are taken late: the function crashed, timed out or could not start.',
        throttle: 'Requests from events wait on the queue: Lambda had no capacity for the function.',
      },
    });
    this.dispatcher = new Dispatcher(this, 'Dispatch', common);
    const functions = [this.api, this.intake, this.dispatcher.function];
    for (const each of functions) {
      this.ledger.grantRecord(each.function);
      this.apiKeySecret.grantRead(each.function);
    }

    this.http = new HttpEndpoint(this, 'Http', {
      serviceName: this.serviceName,
      handler: this.api.function,
      jwt: props.jwt,
      throttle: props.throttle ?? { rateLimit: DEFAULTS.throttleRate, burstLimit: DEFAULTS.throttleBurst },
      logRetention,
      removalPolicy,
      onCall: this.alarmTopic,
    });

    const requests = new RequestQueue(this, 'Requests', {
      consumer: this.intake,
      removalPolicy,
      onCall: this.alarmTopic,
    });
    this.queue = requests.queue;
    this.deadLetterQueue = requests.deadLetterQueue;
    this.requestRule = new RequestRule(this, 'RequestRule', {
      requests,
      eventBus: props.eventBus,
      sources: props.eventSources,
    });

    const outcomes = new OutcomeAlarms(this, 'Outcomes', {
      serviceName: this.serviceName,
      onCall: this.alarmTopic,
    });
    const work = new WorkAlarms(this, 'Work', {
      serviceName: this.serviceName,
      dailyCallLimit,
      backlogAlarmAfter: props.backlogAlarmAfter ?? Duration.minutes(DEFAULTS.backlogAlarmMinutes),
      onCall: this.alarmTopic,
    });
    this.alarms = [outcomes, work, requests, this.http, ...functions].flatMap(({ alarms }) => alarms);
    this.dashboard = new ServiceDashboard(this, 'Overview', {
      serviceName: this.serviceName,
      alarms: this.alarms,
      http: this.http,
      requests,
      functions,
    });
  }

  /**
   * Lets the grantee call the HTTP API.
   *
   * @throws Error where callers are let in by JWT, because IAM permissions then have no effect.
   */
  grantInvoke(grantee: IGrantable): Grant {
    return this.http.grantInvoke(grantee);
  }

  /** Lets the grantee invoke the api function itself, as Step Functions, the CLI or another function do. */
  grantDirectInvoke(grantee: IGrantable): Grant {
    return this.api.function.grantInvoke(grantee);
  }

  /** Lets the grantee put requests on the queue. */
  grantRequest(grantee: IGrantable): Grant {
    return this.queue.grantSendMessages(grantee);
  }

  /** Lets the grantee run dispatch without waiting for the minute to be over. */
  grantDispatch(grantee: IGrantable): Grant {
    return this.dispatcher.function.function.grantInvoke(grantee);
  }

  /** One of the service's own metrics. Counts are sums over 5 minutes unless `options` say otherwise. */
  metric(name: MetricName, options?: MetricOptions): Metric {
    return serviceMetric(this.serviceName, name, options);
  }

  /** Requests that JoggAI took: each is paid for. */
  metricAccepted(options?: MetricOptions): Metric {
    return this.metric(METRIC.accepted, options);
  }

  /** Requests that may be paid for without anyone knowing. */
  metricInDoubt(options?: MetricOptions): Metric {
    return this.metric(METRIC.inDoubt, options);
  }

  /** Milliseconds that JoggAI took to answer the paid call: the 99th percentile over 5 minutes. */
  metricJoggaiLatency(options?: MetricOptions): Metric {
    return this.metric(METRIC.joggaiLatency, { statistic: 'p99', ...options });
  }
}
