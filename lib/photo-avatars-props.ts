import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { JwtIssuer } from './http-endpoint.ts';

/** What can be said about a service; nothing has to be. */
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
  /** Event bus on which results are announced. @default - the default bus of the account */
  readonly resultsBus?: IEventBus | undefined;
  /** Hosts that pictures may be copied from; `*.` before a name lets in all below it. @default - jogg.ai and all below */
  readonly imageHosts?: readonly string[] | undefined;
  /** How long a generation is followed until it counts as failed. @default Duration.hours(1) */
  readonly generationTimeout?: Duration | undefined;
  /** Credits below which an alarm says that they run out. @default 10 */
  readonly lowCreditThreshold?: number | undefined;
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
  /** Days after which a finished request is deleted from the ledger, and a picture's copy from its bucket. @default - never */
  readonly retentionDays?: number | undefined;
  /** What becomes of ledger, pictures, logs and the created secret on deletion. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** Makes stack traces name the TypeScript source, for some cold start. @default false */
  readonly sourceMaps?: boolean | undefined;
}
