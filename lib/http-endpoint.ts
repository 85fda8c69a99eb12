import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  DomainName,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  SecurityPolicy,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Alias, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE, SERVICE_DIMENSION } from '../lambda/shared/metrics.ts';
import { HTTP_ALIAS, PREFLIGHT_ROUTE, ROUTES, type Role } from '../lambda/shared/routes.ts';
import {
  checkAccess,
  corsPreflight,
  grantRole,
  type HttpAccessProps,
  type JwtIssuer,
  scopesFor,
} from './http-access.ts';
import type { OnCall } from './on-call.ts';
import { serviceAlarm } from './service-alarm.ts';
import { serviceMetric, UNANSWERED } from './service-metrics.ts';

/** A domain of your own for the HTTP API. */
export interface HttpDomain {
  /** Such as `avatars.example.com`. */
  readonly name: string;
  /** Of that name, in the region of the stack. */
  readonly certificate: ICertificate;
}

export interface HttpEndpointProps extends HttpAccessProps {
  readonly serviceName: string;
  readonly handler: IFunction;
  /** @default - API Gateway's own domain only */
  readonly domain?: HttpDomain | undefined;
  readonly throttle: ThrottleSettings;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly onCall: OnCall;
}

/** The HTTP API: authorization, throttling and access logs. The function produces every answer. */
export class HttpEndpoint extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** Present if a domain is configured: its `regionalDomainName` is the target of your DNS record. */
  readonly domain: DomainName | undefined;
  readonly accessLogs: LogGroup;
  readonly alarms: readonly Alarm[];
  readonly #serviceName: string;
  readonly #usesIam: boolean;

  constructor(scope: Construct, id: string, props: HttpEndpointProps) {
    super(scope, id);
    const { jwt, corsOrigins = [] } = props;
    checkAccess(this, props);
    this.#serviceName = props.serviceName;
    this.#usesIam = !jwt;
    const alias = new Alias(this, 'Alias', {
      description: 'For API Gateway only: an invocation by this alias counts as authorized by API Gateway.',
      aliasName: HTTP_ALIAS,
      version: props.handler.latestVersion,
    });
    const defaultScopes = scopesFor(jwt);
    const integration = new HttpLambdaIntegration('Integration', alias);
    this.api = new HttpApi(this, 'Api', {
      apiName: props.serviceName,
      description: 'Photo avatars',
      defaultAuthorizer: authorizer(jwt),
      ...(defaultScopes && { defaultAuthorizationScopes: defaultScopes }),
      ...(corsOrigins.length > 0 && { corsPreflight: corsPreflight(corsOrigins) }),
      // Adds the default route: unknown routes are authorized, too, and answered with the function's problem document.
      defaultIntegration: integration,
      createDefaultStage: false,
    });
    for (const route of ROUTES) {
      const authorizationScopes = scopesFor(jwt, route);
      this.api.addRoutes({
        ...methodAndPath(route),
        integration,
        ...(authorizationScopes && { authorizationScopes }),
      });
    }
    if (corsOrigins.length > 0) {
      const authorizer = new HttpNoneAuthorizer();
      const preflight = this.api.addRoutes({ ...methodAndPath(PREFLIGHT_ROUTE), integration, authorizer });
      for (const route of preflight) {
        Validations.of(route).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason:
            'A browser sends no token with a preflight request. The route answers 204 and reads nothing.',
        });
      }
    }
    this.domain =
      props.domain &&
      new DomainName(this, 'Domain', {
        domainName: props.domain.name,
        certificate: props.domain.certificate,
        securityPolicy: SecurityPolicy.TLS_1_2,
      });

    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: props.throttle,
      ...(this.domain && { domainMapping: { domainName: this.domain } }),
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
    return this.domain ? `https://${this.domain.name}` : this.api.apiEndpoint;
  }

  /**
   * Lets the grantee call the routes of a role.
   *
   * @throws Error if callers are authorized by JWT, because IAM permissions then have no effect.
   */
  grantRole(role: Role, grantee: IGrantable): Grant {
    if (!this.#usesIam) {
      throw new Error(
        `${this.node.path} authorizes callers by JWT, so an IAM permission has no effect. ` +
          'Use a token of the issuer, or grant direct invocation of the function.',
      );
    }
    const { apiId } = this.api;
    return grantRole(this, role, { apiId, stageName: this.stage.stageName, grantee });
  }

  /** Requests that API Gateway answered with a 5xx because the function returned no valid response. */
  metricUnanswered(options?: MetricOptions): Metric {
    return serviceMetric(this.#serviceName, UNANSWERED, options);
  }
}

/** @param route a method and a path, separated by a space */
const methodAndPath = (route: string) => {
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
