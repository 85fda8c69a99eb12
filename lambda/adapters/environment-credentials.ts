import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type CredentialProvider = Extract<DynamoDBClientConfig['credentials'], (...args: never[]) => unknown>;

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles, under the one name the SDK's clients
 * import from it. Lambda hands a function its credentials in these variables, so the rest of the SDK's
 * default chain (profiles, SSO, processes, instance metadata) would only be loaded, never used.
 *
 * The returned provider throws an Error naming the variables if they are missing, never their values.
 */
export const defaultProvider = (): CredentialProvider => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error(
      'No AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set. ' +
        'Lambda sets them; a bundle that runs anywhere else needs them in its environment.',
    );
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
};
