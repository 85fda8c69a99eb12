import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  type Alarm,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  type Metric,
  type MetricOptions,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionEnvironment } from '../lambda/environment.ts';
import { type HandlerName, handlerCode } from './handler-code.ts';
import { serviceAlarm } from './service-alarm.ts';

/** What all functions of a service have in common. */
export interface CommonFunctionProps {
  readonly environment: FunctionEnvironment;
  /** MB. */
  readonly memorySize: number;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly sourceMaps: boolean;
  readonly onCall: IAlarmAction;
}

export interface ServiceFunctionProps extends CommonFunctionProps {
  /** The file in `lambda/` that exports `handler`, without its ending. */
  readonly handlerName: HandlerName;
  readonly description: string;
  readonly timeout: Duration;
  /** What people notice when an invocation breaks off, or when Lambda turns one away: a sentence each. */
  readonly impact: { readonly error: string; readonly throttle: string };
  /** Counts invocations that the function refused on purpose: Lambda has them among its errors. @default - none */
  readonly refusals?: Metric | undefined;
}

/** One of the service's Lambda functions, with a role, a log group and alarms of its own. */
export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly timeout: Duration;
  readonly logGroup: LogGroup;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.timeout = props.timeout;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    // AWS's managed role policy would allow the function to write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(handlerCode(props.handlerName, props)),
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment: {
        ...props.environment,
        ...(props.sourceMaps && { NODE_OPTIONS: '--enable-source-maps' }),
      },
      role,
      logGroup: this.logGroup,
      // Logger and metrics write finished JSON lines. As text they arrive as they are; the JSON format
      // would filter them by level and wrap what goes through the console, which CloudWatch then no longer
      // recognizes as metrics.
      loggingFormat: LoggingFormat.TEXT,
      tracing: Tracing.ACTIVE,
      // The ledger decides what is tried again, not Lambda.
      retryAttempts: 0,
    });
    for (const id of ['Serverless-LambdaDLQ', 'Serverless-LambdaAsyncFailureDestination']) {
      Validations.of(this.function).acknowledge({
        id,
        reason:
          'What was recorded is in the ledger, and dispatch moves it on or puts it in doubt; the copy of an event in a queue could be sent, and paid for, a second time.',
      });
    }
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray has no resources to name: its PutTraceSegments and PutTelemetryRecords take only *.',
    });
    this.alarms = [
      serviceAlarm(this, 'Errors', {
        metric: this.#brokenOff(props.refusals, Duration.minutes(5)),
        impact: props.impact.error,
        remedy: 'Read its log around that time; a request that was being sent to JoggAI then is in doubt.',
        section: 'function-errors',
        onCall: props.onCall,
      }),
      serviceAlarm(this, 'Throttles', {
        metric: this.metricThrottles({ period: Duration.minutes(5) }),
        impact: props.impact.throttle,
        remedy: "Look at the account's concurrency limit and at who uses it up.",
        section: 'function-throttles',
        onCall: props.onCall,
      }),
    ];
  }

  /** Invocations that ended in an error: crashed, timed out, out of memory, or refused on purpose. */
  metricErrors(options?: MetricOptions): Metric {
    return this.function.metricErrors(options);
  }

  /** Invocations that Lambda turned away for want of concurrency. */
  metricThrottles(options?: MetricOptions): Metric {
    return this.function.metricThrottles(options);
  }

  #brokenOff(refusals: Metric | undefined, period: Duration): IMetric {
    if (!refusals) return this.metricErrors({ period });
    return new MathExpression({
      expression: 'FILL(errors, 0) - FILL(refusals, 0)',
      usingMetrics: { errors: this.metricErrors(), refusals },
      label: 'Errors that were no refusals',
      period,
    });
  }
}
