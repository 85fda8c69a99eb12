/**
 * Exports of the package: the service as a construct, and as a stack with settings from CDK context.
 */

export { REQUEST_DETAIL_TYPE } from './lambda/shared/event-names.ts';
export { METRIC, type MetricName } from './lambda/shared/metrics.ts';
export type { AlarmTopic } from './lib/alarm-topic.ts';
export { existingSecret } from './lib/api-key-secret.ts';
export { type Configuration, ConfigurationError, readConfiguration } from './lib/config.ts';
export type { Dispatcher } from './lib/dispatcher.ts';
export type { EventSchemas } from './lib/event-schemas.ts';
export type { JwtIssuer, JwtScopes } from './lib/http-access.ts';
export type { HttpDomain, HttpEndpoint } from './lib/http-endpoint.ts';
export type { ImageBucket } from './lib/image-bucket.ts';
export type { LedgerTable } from './lib/ledger-table.ts';
export { PhotoAvatars, type PhotoAvatarsProps } from './lib/photo-avatars.ts';
export { PhotoAvatarsStack, type PhotoAvatarsStackProps } from './lib/photo-avatars-stack.ts';
export type { RequestRule } from './lib/request-rule.ts';
export type { ServiceDashboard } from './lib/service-dashboard.ts';
export type { ServiceFunction } from './lib/service-function.ts';
