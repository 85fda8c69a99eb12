import { Names, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, type IEventBus, type OnEventOptions, type Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { GENERATION_ALARMS, OUTCOME_ALARMS, workAlarms } from '../lambda/shared/alarms.ts';
import { ACCOUNT_DETAIL_TYPES, ENDED_DETAIL_TYPES } from '../lambda/shared/event-names.ts';
import { METRIC, type MetricName } from '../lambda/shared/metrics.ts';
import type { AlarmTopic } from './alarm-topic.ts';
import { ApiKeySecret, grantApiKey } from './api-key-secret.ts';
import { DEFAULTS } from './defaults.ts';
import { Dispatcher } from './dispatcher.ts';
import { EventSchemas } from './event-schemas.ts';
import { API_FUNCTION, functionEnvironment, INTAKE_FUNCTION } from './function-props.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import { ImageBucket } from './image-bucket.ts';
import { LedgerTable } from './ledger-table.ts';
import { LogQueries } from './log-queries.ts';
import { MetricAlarms } from './metric-alarms.ts';
import { createOnCall } from './on-call.ts';
import { checkRetention, type PhotoAvatarsProps } from './photo-avatars-props.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestRule } from './request-rule.ts';
import { resultRule } from './result-rule.ts';
import { ServiceDashboard } from './service-dashboard.ts';
import { type CommonFunctionProps, ServiceFunction } from './service-function.ts';
import { serviceMetric } from './service-metrics.ts';

export type { PhotoAvatarsProps } from './photo-avatars-props.ts';

/**
 * JoggAI photo avatars as a service: an HTTPS endpoint and a queue for requests, a ledger, and alarms. Each request is
 * paid for at most once. An app, stack or account can contain any number of these constructs.
 */
export class PhotoAvatars extends Construct {
  /** Names this service in every metric, log line and published event, and in events with a request for it. */
  readonly serviceName: string;
  readonly ledger: LedgerTable;
  /** Holds the JoggAI API key. */
  readonly apiKeySecret: ISecret;
  /** `SecretId` of the secret for Secrets Manager: its complete ARN, or else its name. */
  readonly apiKeySecretId: string;
  readonly alarmTopic: AlarmTopic;
  /** Stores the image copies. */
  readonly images: ImageBucket;
  /** Event bus that results are published to. */
  readonly resultsBus: IEventBus;
  /** Answers HTTP callers and direct invocations. */
  readonly api: ServiceFunction;
  readonly http: HttpEndpoint;
  /** Records requests from the queue. */
  readonly intake: ServiceFunction;
  /** Accepts requests of any sender as plain messages, EventBridge events or SNS notifications. */
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Receives the events of the request rule, and of no other sender: it proves their source. */
  readonly eventQueue: Queue;
  readonly eventDeadLetterQueue: Queue;
  /** Sends events that request a photo avatar to the event queue. */
  readonly requestRule: RequestRule;
  /** Processes open records, every minute and on demand. */
  readonly dispatcher: Dispatcher;
  readonly alarms: readonly Alarm[];
  readonly dashboard: ServiceDashboard;
  /** Present with `eventSchemas`. */
  readonly eventSchemas: EventSchemas | undefined;

  /** @throws Error if `retentionDays` is too short: a message that comes again would be paid for again. */
  constructor(scope: Construct, id: string, props: PhotoAvatarsProps = {}) {
    super(scope, id);
    checkRetention(props);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const logRetention = props.logRetention ?? DEFAULTS.logRetentionDays;
    // Includes the stack's name, so that each service has separate metrics and alarms.
    this.serviceName = Names.uniqueResourceName(this, { maxLength: 100, separator: '-' });
    const onCall = createOnCall(this, props);
    this.alarmTopic = onCall.topic;
    this.ledger = new LedgerTable(this, 'Ledger', {
      removalPolicy,
      expires: Boolean(props.retentionDays),
      existingTableName: props.ledgerTableName,
    });
    this.apiKeySecret = props.apiKeySecret ?? new ApiKeySecret(this, 'ApiKey', { removalPolicy }).secret;
    // Not a partial ARN: Secrets Manager mistakes one that ends like `…:jogg-secret` for a complete ARN.
    this.apiKeySecretId = this.apiKeySecret.secretFullArn ?? this.apiKeySecret.secretName;

    this.images = new ImageBucket(this, 'Images', { removalPolicy, retentionDays: props.retentionDays });
    this.resultsBus = props.resultsBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');

    const queueProps = {
      consumerTimeout: INTAKE_FUNCTION.timeout,
      removalPolicy,
      onCall,
    };
    const requests = new RequestQueue(this, 'Requests', {
      ...queueProps,
      admitsTopicsAndRules: true,
      redriveOutput: 'RedriveCommand',
    });
    const events = new RequestQueue(this, 'Events', {
      ...queueProps,
      admitsTopicsAndRules: false,
      redriveOutput: 'EventRedriveCommand',
    });
    this.queue = requests.queue;
    this.deadLetterQueue = requests.deadLetterQueue;
    this.eventQueue = events.queue;
    this.eventDeadLetterQueue = events.deadLetterQueue;
    this.requestRule = new RequestRule(this, 'RequestRule', {
      serviceName: this.serviceName,
      events,
      eventBus: props.eventBus,
      sources: props.eventSources,
      takesUnaddressedEvents: props.takesUnaddressedEvents,
    });

    const common: CommonFunctionProps = {
      environment: functionEnvironment(props, {
        LEDGER_TABLE: this.ledger.table.tableName,
        API_KEY_SECRET: this.apiKeySecretId,
        IMAGE_BUCKET: this.images.bucket.bucketName,
        IMAGE_ORIGIN: this.images.origin,
        // An ARN, because a name would refer to a bus of this account.
        EVENT_BUS: this.resultsBus.eventBusArn,
        EVENT_QUEUE_ARN: this.eventQueue.queueArn,
        POWERTOOLS_SERVICE_NAME: this.serviceName,
      }),
      memorySize: props.memorySize ?? DEFAULTS.memorySize,
      logRetention,
      removalPolicy,
      sourceMaps: props.sourceMaps ?? false,
      onCall,
    };

    const refusals = this.metric(METRIC.refusedInvocation);
    this.api = new ServiceFunction(this, 'ApiHandler', { ...common, ...API_FUNCTION, refusals });
    this.intake = new ServiceFunction(this, 'IntakeHandler', { ...common, ...INTAKE_FUNCTION });
    for (const each of [requests, events]) each.deliverTo(this.intake.function);
    this.dispatcher = new Dispatcher(this, 'Dispatch', common);
    const functions = [this.api, this.intake, this.dispatcher.function];
    for (const each of functions) grantApiKey(this.apiKeySecret, each.function);
    this.#grantResources();

    this.http = new HttpEndpoint(this, 'Http', {
      serviceName: this.serviceName,
      handler: this.api.function,
      jwt: props.jwt,
      corsOrigins: props.corsOrigins,
      ownRecordsOnly: props.ownRecordsOnly,
      domain: props.domain,
      throttle: props.throttle ?? { rateLimit: DEFAULTS.throttleRate, burstLimit: DEFAULTS.throttleBurst },
      logRetention,
      removalPolicy,
      onCall,
    });

    const monitored = { serviceName: this.serviceName, onCall };
    const limits = {
      callsPerMinute: props.joggaiCallsPerMinute ?? DEFAULTS.joggaiCallsPerMinute,
      dailyCallLimit: props.dailyCallLimit ?? DEFAULTS.dailyCallLimit,
      lowCreditThreshold: props.lowCreditThreshold ?? DEFAULTS.lowCreditThreshold,
    };
    const alarmGroups = [
      new MetricAlarms(this, 'Outcomes', { ...monitored, definitions: OUTCOME_ALARMS }),
      new MetricAlarms(this, 'Generations', { ...monitored, definitions: GENERATION_ALARMS }),
      new MetricAlarms(this, 'Work', {
        ...monitored,
        definitions: workAlarms({
          ...limits,
          backlogAlarmMinutes: props.backlogAlarmAfter?.toMinutes() ?? DEFAULTS.backlogAlarmMinutes,
        }),
      }),
    ];
    this.alarms = [...alarmGroups, requests, events, this.http, ...functions].flatMap(({ alarms }) => alarms);
    this.dashboard = new ServiceDashboard(this, 'Overview', {
      serviceName: this.serviceName,
      alarms: this.alarms,
      limits,
      http: this.http,
      queues: { Queue: requests, 'Event queue': events },
      functions,
    });
    new LogQueries(this, 'Queries', {
      serviceName: this.serviceName,
      functionLogs: functions.map(({ logGroup }) => logGroup),
      accessLogs: this.http.accessLogs,
    });
    this.eventSchemas = props.eventSchemas
      ? new EventSchemas(this, 'EventSchemas', { serviceName: this.serviceName })
      : undefined;
  }

  #grantResources(): void {
    const [api, intake, dispatch] = [
      this.api.function,
      this.intake.function,
      this.dispatcher.function.function,
    ];
    this.ledger.grantRecord(api, 'open', 'byStatus', 'byCaller');
    this.ledger.grantRecord(intake, 'open');
    this.ledger.grantDispatch(dispatch);
    this.images.grantRead(api);
    this.images.grantStore(dispatch);
    this.images.grantErase(dispatch);
    this.resultsBus.grantPutEventsTo(dispatch);
  }

  /** Lets the grantee submit requests over HTTP, and read and cancel one. @throws Error as `grantInvoke` */
  grantSubmit(grantee: IGrantable): Grant {
    return this.http.grantRole('submitter', grantee);
  }

  /** Lets the grantee read records, the list and the account over HTTP. @throws Error as `grantInvoke` */
  grantRead(grantee: IGrantable): Grant {
    return this.http.grantRole('reader', grantee);
  }

  /** Lets the grantee call every route of the HTTP API, and so operate the service. @throws Error as `grantInvoke` */
  grantOperate(grantee: IGrantable): Grant {
    return this.http.grantRole('operator', grantee);
  }

  /**
   * Lets the grantee call every route of the HTTP API, as `grantOperate` does. `grantSubmit` and `grantRead` allow less.
   *
   * @throws Error if callers are authorized by JWT, because IAM permissions then have no effect.
   */
  grantInvoke(grantee: IGrantable): Grant {
    return this.grantOperate(grantee);
  }

  /**
   * Lets the grantee invoke the api function directly, for example from Step Functions, the CLI or a function. The grant
   * excludes the alias for API Gateway, which `api.function.grantInvoke` would include.
   */
  grantDirectInvoke(grantee: IGrantable): Grant {
    return this.api.function.grantInvokeLatestVersion(grantee);
  }

  /** Lets the grantee send requests to the queue. */
  grantRequest(grantee: IGrantable): Grant {
    return this.queue.grantSendMessages(grantee);
  }

  /** Lets the grantee read the image copies, by the bucket and key in an event or a record. */
  grantReadImages(grantee: IGrantable): Grant {
    return this.images.grantRead(grantee);
  }

  /** Lets the grantee invoke dispatch to run it immediately. */
  grantDispatch(grantee: IGrantable): Grant {
    return this.dispatcher.function.function.grantInvoke(grantee);
  }

  /** Defines a rule for requests that succeeded: the event has the images, each copied if it can be. */
  onSucceeded(id: string, options: OnEventOptions): Rule {
    return this.#onEvent(id, [ENDED_DETAIL_TYPES.succeeded], options);
  }

  /** Defines a rule for requests that ended, in whatever way. */
  onEnded(id: string, options: OnEventOptions): Rule {
    return this.#onEvent(id, Object.values(ENDED_DETAIL_TYPES), options);
  }

  /** Defines a rule for blocks of the JoggAI account: no credit, no permission, a refused key, or repeated failures. */
  onAccountBlocked(id: string, options: OnEventOptions): Rule {
    return this.#onEvent(id, [ACCOUNT_DETAIL_TYPES.blocked], options);
  }

  #onEvent(id: string, detailTypes: readonly string[], options: OnEventOptions): Rule {
    const { resultsBus: eventBus, serviceName } = this;
    return resultRule(this, id, { eventBus, serviceName, detailTypes }, options);
  }

  /** A metric of the service. Counts are sums over 5 minutes by default. */
  metric(name: MetricName, options?: MetricOptions): Metric {
    return serviceMetric(this.serviceName, name, options);
  }

  /** Requests that JoggAI accepted: each is paid for. */
  metricAccepted(options?: MetricOptions): Metric {
    return this.metric(METRIC.accepted, options);
  }

  /** Requests in doubt: possibly paid for. */
  metricInDoubt(options?: MetricOptions): Metric {
    return this.metric(METRIC.inDoubt, options);
  }

  /** Latency of the paid call in milliseconds: by default the 99th percentile over 5 minutes. */
  metricJoggaiLatency(options?: MetricOptions): Metric {
    return this.metric(METRIC.joggaiLatency, { statistic: 'p99', ...options });
  }
}
