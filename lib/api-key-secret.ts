import { type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface ApiKeySecretProps {
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A secret without a value, for a person to put the JoggAI API key into. `Secret` would generate a value,
 * which the service would send to JoggAI as a key; this way a key that was never put in is a state of its
 * own, with its own alarm. The value stays outside the template, so no deployment overwrites it.
 */
export class ApiKeySecret extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, props: ApiKeySecretProps) {
    super(scope, id);
    const resource = new CfnSecret(this, 'Resource', {
      description:
        'JoggAI API key, as plain text. Its value is put in by a person and never by a deployment.',
    });
    resource.applyRemovalPolicy(props.removalPolicy);
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'JoggAI has no call that makes a new API key, so nothing could rotate it; the service notices a changed key.',
    });
    this.secret = Secret.fromSecretCompleteArn(this, 'Secret', resource.attrId);
  }
}

/** Secrets Manager ends every ARN in a hyphen and six characters, which a person may have left out. */
const COMPLETE_ARN = /-[A-Za-z0-9]{6}$/;

/**
 * An existing secret by its name, ARN, or ARN without the six characters at its end (of this account only).
 * For a secret under a KMS key of your own, give the construct an `ISecret` that knows the key, so that it can be granted, too.
 */
export const existingSecret = (scope: Construct, id: string, nameOrArn: string): ISecret => {
  if (!nameOrArn.startsWith('arn:')) return Secret.fromSecretNameV2(scope, id, nameOrArn);
  if (COMPLETE_ARN.test(nameOrArn)) return Secret.fromSecretCompleteArn(scope, id, nameOrArn);
  return Secret.fromSecretPartialArn(scope, id, nameOrArn);
};

/**
 * Lets the grantee read the secret's value and nothing else. `grantRead` lets it read the description, too, and says
 * nothing to the role of a KMS key that is another stack's: here that key's policy has to leave it to IAM, as it does
 * unless somebody changed it.
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
