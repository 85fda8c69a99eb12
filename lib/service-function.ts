import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  type Alarm,
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
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionEnvironment } from '../lambda/shared/environment.ts';
import { type HandlerName, handlerCode } from './handler-code.ts';
import type { OnCall } from './on-call.ts';
import { serviceAlarm } from './service-alarm.ts';

/** Maximum wait of an asynchronous invocation. A request that may wait longer belongs into the queue. */
const MAX_EVENT_AGE = Duration.minutes(5);

/** Settings that all functions of a service share. */
export interface CommonFunctionProps {
  readonly environment: FunctionEnvironment;
  /** MB. */
  readonly memorySize: number;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly sourceMaps: boolean;
  readonly onCall: OnCall;
}

export interface ServiceFunctionProps extends CommonFunctionProps {
  /** The file in `lambda/` that exports `handler`, without its extension. */
  readonly handlerName: HandlerName;
  readonly description: string;
  readonly timeout: Duration;
  /** The impact of a failed and of a throttled invocation, a sentence each. Part of the alarm's text. */
  readonly impact: { readonly error: string; readonly throttle: string };
  /** Counts invocations that the function refused with a named error: Lambda counts them as errors. @default - none */
  readonly refusals?: Metric | undefined;
}

/** A Lambda function of the service with its role, log group and alarms. */
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
    // Not AWS's managed policy: it allows writing to every log group of the account.
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
      // The code writes complete JSON lines. Lambda's JSON format would filter them by level and wrap metrics, which
      // CloudWatch then no longer recognizes.
      loggingFormat: LoggingFormat.TEXT,
      // Retries are decided by the ledger, not by Lambda.
      retryAttempts: 0,
      // By default Lambda keeps an asynchronous invocation that it cannot run for six hours.
      maxEventAge: MAX_EVENT_AGE,
    });
    for (const id of ['Serverless-LambdaDLQ', 'Serverless-LambdaAsyncFailureDestination']) {
      Validations.of(this.function).acknowledge({
        id,
        reason:
          'Recorded requests are in the ledger, where dispatch processes them; an event copied to a queue could be paid for twice.',
      });
    }
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaTracing',
      reason:
        "Without instrumented clients a trace contains only Lambda's segment; logs and metrics have the latency of the paid call.",
    });
    this.alarms = [
      serviceAlarm(this, 'Errors', {
        metric: this.#unhandledErrors(props.refusals, Duration.minutes(5)),
        impact: props.impact.error,
        remedy: 'Read its log around that time. A request that was being sent to JoggAI is in doubt.',
        section: 'function-errors',
        onCall: props.onCall,
      }),
      serviceAlarm(this, 'Throttles', {
        metric: this.metricThrottles({ period: Duration.minutes(5) }),
        impact: props.impact.throttle,
        remedy: "Check the account's concurrency limit and which functions use it.",
        section: 'function-throttles',
        onCall: props.onCall,
      }),
    ];
  }

  /** Invocations that failed: crashed, timed out, ran out of memory, or were refused with a named error. */
  metricErrors(options?: MetricOptions): Metric {
    return this.function.metricErrors(options);
  }

  /** Invocations that Lambda throttled for lack of concurrency. */
  metricThrottles(options?: MetricOptions): Metric {
    return this.function.metricThrottles(options);
  }

  #unhandledErrors(refusals: Metric | undefined, period: Duration): IMetric {
    if (!refusals) return this.metricErrors({ period });
    return new MathExpression({
      expression: 'FILL(errors, 0) - FILL(refusals, 0)',
      usingMetrics: { errors: this.metricErrors(), refusals },
      label: 'Errors without refusals',
      period,
    });
  }
}
