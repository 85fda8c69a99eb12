import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

/** @param origin from which JoggAI can download the uploads: `https://` and the domain of a CloudFront distribution */
export const addUploads = (scope: Construct, photoAvatars: PhotoAvatars, origin: string) => {
  const uploads = new Bucket(scope, 'Uploads', { eventBridgeEnabled: true, enforceSSL: true });
  const object = (field: string) => EventField.fromPath(`$.detail.object.${field}`);
  const rule = new Rule(scope, 'ImageUploaded', {
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [uploads.bucketName] }, object: { key: [{ suffix: '.jpg' }] } },
    },
  });
  rule.addTarget(
    new SqsQueue(photoAvatars.queue, {
      deadLetterQueue: photoAvatars.deadLetterQueue,
      message: RuleTargetInput.fromObject({
        age: 'Adult',
        avatar_style: 'Professional',
        gender: 'Female',
        model: 'modern',
        aspect_ratio: 'portrait',
        image_url: `${origin}/${object('key')}`,
        idempotency_key: `${object('etag')}-${object('sequencer')}`,
      }),
    }),
  );
  return uploads;
};
