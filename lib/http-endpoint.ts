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
import { Alias, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE, SERVICE_DIMENSION } from '../lambda/shared/metrics.ts';
import { HTTP_ALIAS, ROUTES, type RouteKey } from '../lambda/shared/routes.ts';
import { serviceAlarm } from './service-alarm.ts';
import { serviceMetric, UNANSWERED } from './service-metrics.ts';

/** The issuer whose JWTs authorize callers. */
export interface JwtIssuer {
  /** URL of the OpenID Connect issuer. */
  readonly issuer: string;
  /** The token's audience must be one of these. */
  readonly audience: readonly string[];
}

export interface HttpEndpointProps {
  readonly serviceName: string;
  readonly handler: IFunction;
  /** @default - callers are authorized by IAM */
  readonly jwt?: JwtIssuer | undefined;
  readonly throttle: ThrottleSettings;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly onCall: IAlarmAction;
}

/** The HTTP API: authorization, throttling and access logs. The function produces every answer. */
export class HttpEndpoint extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly accessLogs: LogGroup;
  readonly alarms: readonly Alarm[];
  readonly #serviceName: string;
  readonly #usesIam: boolean;

  constructor(scope: Construct, id: string, props: HttpEndpointProps) {
    super(scope, id);
    this.#serviceName = props.serviceName;
    this.#usesIam = !props.jwt;
    const alias = new Alias(this, 'Alias', {
      description: 'For API Gateway only: an invocation by this alias counts as authorized by API Gateway.',
      aliasName: HTTP_ALIAS,
      version: props.handler.latestVersion,
    });
    const integration = new HttpLambdaIntegration('Integration', alias);
    this.api = new HttpApi(this, 'Api', {
      apiName: props.serviceName,
      description: 'Photo avatars',
      defaultAuthorizer: authorizer(props.jwt),
      // Adds the default route: unknown routes are authorized, too, and answered with the function's problem document.
      defaultIntegration: integration,
      createDefaultStage: false,
    });
    for (const route of ROUTES) this.api.addRoutes({ ...methodAndPath(route), integration });

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
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields(props.serviceName, this.#usesIam))),
      },
    });
    this.accessLogs.addMetricFilter('Unanswered', {
      // Counts only 5xx that API Gateway generated. The function's 5xx are deliberate, and their causes have alarms.
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
          'Callers received a 5xx from API Gateway: it could not invoke the function, or its response was invalid.',
        remedy:
          'If an alarm on function errors or throttles is active, start there; otherwise read the access log.',
        section: 'unanswered',
        onCall: props.onCall,
      }),
    ];
  }

  /** Base URL for callers, without a trailing slash. */
  get url(): string {
    return this.api.apiEndpoint;
  }

  /**
   * Lets the grantee call every route.
   *
   * @throws Error if callers are authorized by JWT, because IAM permissions then have no effect.
   */
  grantInvoke(grantee: IGrantable): Grant {
    if (!this.#usesIam) {
      throw new Error(
        `${this.node.path} authorizes callers by JWT, so an IAM permission has no effect. ` +
          'Use a token of the issuer, or grant direct invocation of the function.',
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

  /** Requests that API Gateway answered with a 5xx because the function returned no valid response. */
  metricUnanswered(options?: MetricOptions): Metric {
    return serviceMetric(this.#serviceName, UNANSWERED, options);
  }
}

/** @param route a method and a path, separated by a space */
const methodAndPath = (route: RouteKey) => {
  const [method, path = ''] = route.split(' ');
  return { path, methods: Object.values(HttpMethod).filter((each) => each === method) };
};

const authorizer = (jwt: JwtIssuer | undefined): IHttpRouteAuthorizer =>
  jwt
    ? new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: [...jwt.audience] })
    : new HttpIamAuthorizer();

/** Contains no caller input. The path is omitted because an unknown path may contain anything. */
const accessLogFields = (serviceName: string, usesIam: boolean) => ({
  // The metric filter reads the metric's dimension from it.
  service: serviceName,
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  caller: usesIam ? '$context.identity.userArn' : '$context.authorizer.claims.sub',
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
