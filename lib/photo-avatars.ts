import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC, type MetricName } from '../lambda/metrics.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { ApiKeySecret, grantApiKey } from './api-key-secret.ts';
import { DEFAULTS } from './defaults.ts';
import { Dispatcher } from './dispatcher.ts';
import { GenerationAlarms } from './generation-alarms.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import { ImageBucket } from './image-bucket.ts';
import { LedgerTable } from './ledger-table.ts';
import { LogQueries } from './log-queries.ts';
import { OutcomeAlarms } from './outcome-alarms.ts';
import type { PhotoAvatarsProps } from './photo-avatars-props.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestRule } from './request-rule.ts';
import { ServiceDashboard } from './service-dashboard.ts';
import { type CommonFunctionProps, ServiceFunction } from './service-function.ts';
import { serviceMetric } from './service-metrics.ts';
import { WorkAlarms } from './work-alarms.ts';

export type { PhotoAvatarsProps } from './photo-avatars-props.ts';

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
  /** Holds copies of the pictures. */
  readonly images: ImageBucket;
  /** Where results are announced. */
  readonly resultsBus: IEventBus;
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

    this.images = new ImageBucket(this, 'Images', { removalPolicy, retentionDays: props.retentionDays });
    this.resultsBus = props.resultsBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');

    const dailyCallLimit = props.dailyCallLimit ?? DEFAULTS.dailyCallLimit;
    const joggaiCallsPerMinute = props.joggaiCallsPerMinute ?? DEFAULTS.joggaiCallsPerMinute;
    const common: CommonFunctionProps = {
      environment: {
        LEDGER_TABLE: this.ledger.table.tableName,
        API_KEY_SECRET: this.apiKeySecretId,
        JOGGAI_BASE_URL: props.joggaiBaseUrl ?? DEFAULTS.joggaiBaseUrl,
        JOGGAI_CALLS_PER_WINDOW: String(joggaiCallsPerMinute),
        JOGGAI_WINDOW_SECONDS: '60',
        DAILY_CALL_LIMIT: String(dailyCallLimit),
        GENERATION_TIMEOUT_MINUTES: String(
          props.generationTimeout?.toMinutes() ?? DEFAULTS.generationTimeoutMinutes,
        ),
        IMAGE_BUCKET: this.images.bucket.bucketName,
        IMAGE_ORIGIN: this.images.origin,
        IMAGE_HOSTS: (props.imageHosts ?? DEFAULTS.imageHosts).join(),
        // An ARN, because the name of another account's bus would mean one of this account.
        EVENT_BUS: this.resultsBus.eventBusArn,
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
    for (const each of functions) grantApiKey(this.apiKeySecret, each.function);
    this.#grantWork();

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

    const watched = { serviceName: this.serviceName, onCall: this.alarmTopic };
    const limits = {
      callsPerMinute: joggaiCallsPerMinute,
      dailyCallLimit,
      lowCreditThreshold: props.lowCreditThreshold ?? DEFAULTS.lowCreditThreshold,
    };
    const parts = [
      new OutcomeAlarms(this, 'Outcomes', watched),
      new GenerationAlarms(this, 'Generations', watched),
      new WorkAlarms(this, 'Work', {
        ...watched,
        ...limits,
        backlogAlarmAfter: props.backlogAlarmAfter ?? Duration.minutes(DEFAULTS.backlogAlarmMinutes),
      }),
    ];
    this.alarms = [...parts, requests, this.http, ...functions].flatMap(({ alarms }) => alarms);
    this.dashboard = new ServiceDashboard(this, 'Overview', {
      serviceName: this.serviceName,
      alarms: this.alarms,
      limits,
      http: this.http,
      requests,
      functions,
    });
    new LogQueries(this, 'Queries', {
      serviceName: this.serviceName,
      logGroups: functions.map(({ logGroup }) => logGroup),
    });
  }

  /** To each function what it calls. */
  #grantWork(): void {
    const [api, intake, dispatch] = [
      this.api.function,
      this.intake.function,
      this.dispatcher.function.function,
    ];
    this.ledger.grantRecord(api, 'byStatus');
    this.ledger.grantRecord(intake, 'open');
    this.ledger.grantRecord(dispatch, 'open');
    this.images.grantRead(api);
    this.images.grantKeep(dispatch);
    this.resultsBus.grantPutEventsTo(dispatch);
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

  /** Lets the grantee read our copies of the pictures, by the bucket and key that an event or a record gives. */
  grantReadImages(grantee: IGrantable): Grant {
    return this.images.grantRead(grantee);
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
