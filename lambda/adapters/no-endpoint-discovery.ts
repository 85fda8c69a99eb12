/**
 * Stands in for `@aws-sdk/middleware-endpoint-discovery` in the bundles, under the names that DynamoDB's client imports
 * from it. None of its commands discovers endpoints any more; the client would make the cache for them all the same.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {};

export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config): Config => config;
