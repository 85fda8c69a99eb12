import { type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface ApiKeySecretProps {
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A secret without a value, which an operator sets to the JoggAI API key. `Secret` would generate a value, which the
 * service would send to JoggAI; without a value, the missing key is a separate state with its own alarm. The template
 * does not contain the value, so no deployment overwrites it.
 */
export class ApiKeySecret extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, props: ApiKeySecretProps) {
    super(scope, id);
    const resource = new CfnSecret(this, 'Resource', {
      description: 'JoggAI API key, as plain text. An operator sets the value; deployments do not change it.',
    });
    resource.applyRemovalPolicy(props.removalPolicy);
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'JoggAI has no API to create a key, so the secret cannot be rotated automatically; the service detects a changed key.',
    });
    this.secret = Secret.fromSecretCompleteArn(this, 'Secret', resource.attrId);
  }
}

/** Secrets Manager ends every ARN in a hyphen and six characters. A partial ARN lacks them. */
const COMPLETE_ARN = /-[A-Za-z0-9]{6}$/;

/**
 * An existing secret by its name, ARN or partial ARN (this account only). For a secret with a customer managed KMS key,
 * pass the construct an `ISecret` with that `encryptionKey`, so that it is granted, too.
 */
export const existingSecret = (scope: Construct, id: string, nameOrArn: string): ISecret => {
  if (!nameOrArn.startsWith('arn:')) return Secret.fromSecretNameV2(scope, id, nameOrArn);
  if (COMPLETE_ARN.test(nameOrArn)) return Secret.fromSecretCompleteArn(scope, id, nameOrArn);
  return Secret.fromSecretPartialArn(scope, id, nameOrArn);
};

/**
 * Lets the grantee read only the secret's value. `grantRead` also allows reading the description, and does not add the
 * KMS permission to the role if the key belongs to another stack. The key's policy must delegate to IAM, as the default
 * policy does.
 */
export const grantApiKey = (secret: ISecret, grantee: IGrantable): Grant => {
  const read = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
  });
  if (!secret.encryptionKey) return read;
  const service = `secretsmanager.${Stack.of(secret).region}.amazonaws.com`;
  return read.combine(
    Grant.addToPrincipal({
      grantee,
      actions: ['kms:Decrypt'],
      resourceArns: [secret.encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': service } },
    }),
  );
};
