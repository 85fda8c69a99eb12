import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Alarm, IAlarmAction, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE, SERVICE_DIMENSION } from '../lambda/metrics.ts';
import { serviceAlarm } from './service-alarm.ts';
import { serviceMetric, UNANSWERED } from './service-metrics.ts';

/** Whose JWTs let a caller in. */
export interface JwtIssuer {
  /** URL of the OpenID Connect issuer. */
  readonly issuer: string;
  /** A token must be meant for one of these. */
  readonly audience: readonly string[];
}

export interface HttpEndpointProps {
  readonly serviceName: string;
  readonly handler: IFunction;
  /** @default - callers are let in by IAM */
  readonly jwt?: JwtIssuer | undefined;
  readonly throttle: ThrottleSettings;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly onCall: IAlarmAction;
}

const ROUTES = [
  { method: HttpMethod.POST, path: '/photo-avatars' },
  { method: HttpMethod.GET, path: '/photo-avatars' },
  { method: HttpMethod.GET, path: '/photo-avatars/{id}' },
  { method: HttpMethod.POST, path: '/photo-avatars/{id}/resolution' },
  { method: HttpMethod.GET, path: '/account' },
  { method: HttpMethod.PATCH, path: '/account' },
  { method: HttpMethod.GET, path: '/openapi.json' },
] as const;

/** The HTTP API: who is let in, how fast, and what is kept of it. What is answered, the function decides. */
export class HttpEndpoint extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly accessLogs: LogGroup;
  readonly alarms: readonly Alarm[];
  readonly #serviceName: string;
  readonly #byIam: boolean;

  constructor(scope: Construct, id: string, props: HttpEndpointProps) {
    super(scope, id);
    this.#serviceName = props.serviceName;
    this.#byIam = !props.jwt;
    const integration = new HttpLambdaIntegration('Integration', props.handler);
    this.api = new HttpApi(this, 'Api', {
      apiName: props.serviceName,
      description: 'Photo avatars',
      defaultAuthorizer: authorizer(props.jwt),
      // `$default`: a route that does not exist gets the function's problem document, too, and only after
      // authorization.
      defaultIntegration: integration,
      createDefaultStage: false,
    });
    for (const { method, path } of ROUTES) this.api.addRoutes({ path, methods: [method], integration });

    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields(props.serviceName, this.#byIam))),
      },
    });
    this.accessLogs.addMetricFilter('Unanswered', {
      // Only what API Gateway answered in the function's place. The function's own 5xx are answers, given on
      // purpose, and their causes have alarms of their own.
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.status', '=', '5*'),
        FilterPattern.stringValue('$.integrationError', '!=', '-'),
      ),
      metricNamespace: METRICS_NAMESPACE,
      metricName: UNANSWERED,
      metricValue: '1',
      dimensions: { [SERVICE_DIMENSION]: '$.service' },
    });
    this.alarms = [
      serviceAlarm(this, 'UnansweredAlarm', {
        metric: this.metricUnanswered({ period: Duration.minutes(5) }),
        impact:
          'Callers got a bare 5xx from API Gateway: it could not call the function or not use its answer.',
        remedy: 'If the alarm for function errors or throttles is on, start there; else read the access log.',
        section: 'unanswered',
        onCall: props.onCall,
      }),
    ];
  }

  /** The address callers use, without a slash at its end. */
  get url(): string {
    return this.api.apiEndpoint;
  }

  /**
   * Lets the grantee call every route.
   *
   * @throws Error where JWTs decide who is let in, because IAM permissions then have no effect.
   */
  grantInvoke(grantee: IGrantable): Grant {
    if (!this.#byIam) {
      throw new Error(
        `${this.node.path} lets callers in by JWT, so an IAM permission has no effect. ` +
          'Let the issuer give them a token, or grant direct invocation of the function.',
      );
    }
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: [
        Stack.of(this).formatArn({
          service: 'execute-api',
          resource: this.api.apiId,
          resourceName: `${this.stage.stageName}/*`,
        }),
      ],
    });
  }

  /** Requests that API Gateway answered with a 5xx of its own because the function did not. */
  metricUnanswered(options?: MetricOptions): Metric {
    return serviceMetric(this.#serviceName, UNANSWERED, options);
  }
}

const authorizer = (jwt: JwtIssuer | undefined): IHttpRouteAuthorizer =>
  jwt
    ? new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: [...jwt.audience] })
    : new HttpIamAuthorizer();

/** Nothing of what a caller typed: the path is left out because an unknown one may say anything. */
const accessLogFields = (serviceName: string, byIam: boolean) => ({
  // So that the metric filter can give its metric the dimension that all others have.
  service: serviceName,
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  caller: byIam ? '$context.identity.userArn' : '$context.authorizer.claims.sub',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationRequestId: '$context.integration.requestId',
  integrationStatus: '$context.integration.status',
  integrationLatencyMs: '$context.integration.latency',
  integrationError: '$context.integration.error',
});
