/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery` in the bundles, under the names that DynamoDB's client imports. No
 * command of DynamoDB discovers endpoints any more, but the client would still build the cache.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {};

export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config): Config => config;
