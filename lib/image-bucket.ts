import { CfnElement, Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { IMAGE_PREFIX } from '../lambda/shared/image-prefix.ts';

export interface ImageBucketProps {
  /**
   * DESTROY deletes the bucket only if it is empty: emptying it would need a custom resource with permission to delete
   * every image.
   */
  readonly removalPolicy: RemovalPolicy;
  /** Days after which an image is deleted. @default - never */
  readonly retentionDays?: number | undefined;
}

/** All objects of the service. */
const OBJECTS = `${IMAGE_PREFIX}*`;

/** Bucket of the image copies. Only the service and holders of its short-lived links can read them. */
export class ImageBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: ImageBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // Not a KMS key: the signer of every link would also need permission to use that key.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Each image has a unique key, and a repeated copy writes the same content.
      versioned: false,
      lifecycleRules: [
        // Parts of an interrupted multipart upload are invisible, but billed.
        { id: 'AbortIncompleteUploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
        ...(props.retentionDays
          ? [{ id: 'ExpireImages', expiration: Duration.days(props.retentionDays) } as const]
          : []),
      ],
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs would need a second bucket, for images that only this service reads and links to; ' +
        'requests for links are in the access log of the HTTP API.',
    });
  }

  /** Origin of the objects' URLs, without a trailing slash. */
  get origin(): string {
    return `https://${this.bucket.bucketRegionalDomainName}`;
  }

  /** Lets the grantee store images, also in parts, but not read, list or delete them. */
  grantStore(grantee: IGrantable): Grant {
    return this.#grant(grantee, 's3:PutObject', 's3:AbortMultipartUpload');
  }

  /** Lets the grantee read images and sign links to them: a link has the permissions of its signer. */
  grantRead(grantee: IGrantable): Grant {
    return this.#grant(grantee, 's3:GetObject');
  }

  /**
   * Lets the grantee delete images in all their versions, and list the versions of images but of nothing else. AWS
   * documents that the deletion of a version needs both permissions.
   *
   * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
   */
  grantErase(grantee: IGrantable): Grant {
    return this.#grant(grantee, 's3:DeleteObject', 's3:DeleteObjectVersion').combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['s3:ListBucketVersions'],
        resourceArns: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': OBJECTS } },
      }),
    );
  }

  #grant(grantee: IGrantable, ...actions: string[]): Grant {
    const { grantPrincipal } = grantee;
    const resource = this.bucket.node.defaultChild;
    if (Construct.isConstruct(grantPrincipal) && CfnElement.isCfnElement(resource)) {
      Validations.of(grantPrincipal).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(resource)}.Arn>/${OBJECTS}]`,
        reason: 'Image keys are not known in advance; the prefix contains nothing but images.',
      });
    }
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.bucket.arnForObjects(OBJECTS)] });
  }
}
