import { CfnElement, Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { IMAGE_PREFIX } from '../lambda/adapters/image-prefix.ts';

export interface ImageBucketProps {
  /**
   * DESTROY takes the bucket along only when it is empty: emptying it needs a custom resource with leave to delete
   * every picture, which this service does not have.
   */
  readonly removalPolicy: RemovalPolicy;
  /** Days after which a picture is deleted. @default - never */
  readonly retentionDays?: number | undefined;
}

/** Everything that the service writes lies under this. */
const OBJECTS = `${IMAGE_PREFIX}*`;

/** Where copies of pictures lie. Nobody but the service gets at them, or who holds one of its short-lived links. */
export class ImageBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: ImageBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // With a key of S3's own: under a KMS key every signed link would also have to be let use that key.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // No versions: a picture is written under a name of its own, and a repeated copy writes the same again.
      versioned: false,
      lifecycleRules: [
        // What a function that died in the middle of a copy left behind is invisible, and billed.
        { id: 'DropBrokenUploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
        ...(props.retentionDays
          ? [{ id: 'Forget', expiration: Duration.days(props.retentionDays) } as const]
          : []),
      ],
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs would need a second bucket for pictures that only this service reads and links to; ' +
        'who asked for links is in the access log of the HTTP API.',
    });
  }

  /** Address under which the objects are found, without a slash at its end. */
  get origin(): string {
    return `https://${this.bucket.bucketRegionalDomainName}`;
  }

  /** Lets the grantee store pictures, in parts too. Not read, list or delete them. */
  grantKeep(grantee: IGrantable): Grant {
    return this.#grant(grantee, 's3:PutObject', 's3:AbortMultipartUpload');
  }

  /** Lets the grantee read pictures, and sign links to them: a link may what its signer may. */
  grantRead(grantee: IGrantable): Grant {
    return this.#grant(grantee, 's3:GetObject');
  }

  #grant(grantee: IGrantable, ...actions: string[]): Grant {
    const { grantPrincipal } = grantee;
    const resource = this.bucket.node.defaultChild;
    if (Construct.isConstruct(grantPrincipal) && CfnElement.isCfnElement(resource)) {
      Validations.of(grantPrincipal).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(resource)}.Arn>/${OBJECTS}]`,
        reason: 'Pictures get their names as they come; all lie under one prefix, and nothing else does.',
      });
    }
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.bucket.arnForObjects(OBJECTS)] });
  }
}
