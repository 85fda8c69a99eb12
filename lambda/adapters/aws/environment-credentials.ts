import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles, under the name that the SDK's clients import. Lambda
 * passes credentials in the environment; the rest of the SDK's default chain (profiles, SSO, processes, instance
 * metadata) would add 140 kB to the bundle.
 */
export const defaultProvider = fromEnv;
