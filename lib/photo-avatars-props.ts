import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { MIN_RETENTION_DAYS } from '../lambda/shared/limits.ts';
import type { JwtIssuer } from './http-access.ts';
import type { HttpDomain } from './http-endpoint.ts';
import type { OnCallProps } from './on-call.ts';

/** Settings of a service. All are optional. */
export interface PhotoAvatarsProps extends OnCallProps {
  /** Authorizes callers of the HTTP API by JWT. @default - IAM: see `grantSubmit`, `grantRead` and `grantOperate` */
  readonly jwt?: JwtIssuer | undefined;
  /** Shows a submitter only its own records. With `jwt` it requires scopes. @default false */
  readonly ownRecordsOnly?: boolean | undefined;
  /** Origins of web pages that may call the HTTP API. Requires `jwt`. @default - none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** A domain of your own for the HTTP API, in addition to API Gateway's. @default - none */
  readonly domain?: HttpDomain | undefined;
  /** Origin of JoggAI's API. @default 'https://api.jogg.ai' */
  readonly joggaiBaseUrl?: string | undefined;
  /** Paid calls per minute that JoggAI allows for this account. @default 20 */
  readonly joggaiCallsPerMinute?: number | undefined;
  /** Maximum number of paid calls per UTC day. @default 1000 */
  readonly dailyCallLimit?: number | undefined;
  /** Maximum number of paid calls per UTC day for each caller, from 1 to 10,000. @default - no limit */
  readonly dailyCallLimitPerCaller?: number | undefined;
  /** Event bus that delivers requests. @default - the default bus of the account */
  readonly eventBus?: IEventBus | undefined;
  /** Event sources to accept requests from. @default - every source on the bus */
  readonly eventSources?: readonly string[] | undefined;
  /**
   * Whether it takes and pays for events whose detail names no service. Events that name this one in `service` are
   * always taken. Of the services that listen to the same sources of one bus, only one may take the others: in one app
   * that is checked at synthesis. @default - true with `eventBus` or `eventSources`, else false
   */
  readonly takesUnaddressedEvents?: boolean | undefined;
  /** Event bus that results are published to. @default - the default bus of the account */
  readonly resultsBus?: IEventBus | undefined;
  /** Puts the schemas of all events into a registry of EventBridge. @default false */
  readonly eventSchemas?: boolean | undefined;
  /** Hosts that images may be copied from; `*.` matches every subdomain. @default - jogg.ai and its subdomains */
  readonly imageHosts?: readonly string[] | undefined;
  /** How long a generation is polled before it is recorded as failed. @default Duration.hours(1) */
  readonly generationTimeout?: Duration | undefined;
  /** Remaining credits below which the low-credit alarm fires. @default 10 */
  readonly lowCreditThreshold?: number | undefined;
  /** How long a queued request may wait before the backlog alarm fires. @default Duration.hours(6) */
  readonly backlogAlarmAfter?: Duration | undefined;
  /** An existing secret whose value is the JoggAI API key. @default - an empty secret is created */
  readonly apiKeySecret?: ISecret | undefined;
  /**
   * Name of an existing table with the schema of the ledger, for example a restored one. A restored ledger submits
   * nothing until a person resumes. @default - a table is created
   */
  readonly ledgerTableName?: string | undefined;
  /** Retention of log events. @default RetentionDays.THREE_MONTHS */
  readonly logRetention?: RetentionDays | undefined;
  /** Limits of the HTTP API across all callers. @default - 20 requests per second, bursts of 50 */
  readonly throttle?: ThrottleSettings | undefined;
  /** Memory of each function in MB. @default 512 */
  readonly memorySize?: number | undefined;
  /**
   * Days after which a finished request and the copies of its images are deleted: at least 30, because the idempotency
   * key is forgotten with the request. @default - never
   */
  readonly retentionDays?: number | undefined;
  /**
   * What happens to ledger, images, queues, logs and created secret on deletion. Anything but DESTROY also protects
   * the table from deletion. @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, so a failed first deployment keeps only
   * the empty table
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** Maps stack traces to the TypeScript source; adds about 20 ms to a cold start. @default false */
  readonly sourceMaps?: boolean | undefined;
}

/** @throws Error if `retentionDays` is too short: a message that comes again would be paid for again. */
export const checkRetention = ({ retentionDays = 0 }: PhotoAvatarsProps): void => {
  if (!Number.isInteger(retentionDays) || (retentionDays !== 0 && retentionDays < MIN_RETENTION_DAYS)) {
    throw new Error(`retentionDays is ${retentionDays}: it must be 0 or at least ${MIN_RETENTION_DAYS}.`);
  }
};
