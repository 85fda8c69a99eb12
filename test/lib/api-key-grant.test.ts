import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { PhotoAvatars } from '../../lib/photo-avatars.ts';
import { embedded, resources, statements } from './synthesize.ts';

describe('an existing secret with a customer managed KMS key', () => {
  it('can be read by the three functions, which may use the key only through Secrets Manager', () => {
    const { stack, template } = embedded();
    const encryptionKey = Key.fromKeyArn(
      stack,
      'Key',
      'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012',
    );
    const secretPartialArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:jogg';
    const apiKeySecret = Secret.fromSecretAttributes(stack, 'Secret', { encryptionKey, secretPartialArn });
    new PhotoAvatars(stack, 'Encrypted', { apiKeySecret });

    const allowed = resources(template(), 'AWS::IAM::Policy')
      .filter(({ logicalId }) => logicalId.startsWith('Encrypted'))
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument));
    const reads = allowed.filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'));
    expect(reads.map(({ Resource }) => Resource)).toEqual(Array(3).fill([`${secretPartialArn}-??????`]));
    const decrypts = allowed.filter(({ Action }) => Action.includes('kms:Decrypt'));
    expect(decrypts).toHaveLength(3);
    for (const { Condition } of decrypts)
      expect(JSON.stringify(Condition)).toMatch(/"kms:ViaService":.*secretsmanager/);
  });
});
