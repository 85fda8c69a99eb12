import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

/** @param origin where JoggAI can download what is uploaded: `https://` and the domain of a CloudFront distribution */
export const addUploads = (scope: Construct, photoAvatars: PhotoAvatars, origin: string) => {
  const uploads = new Bucket(scope, 'Uploads', { eventBridgeEnabled: true, enforceSSL: true });
  const picture = (field: string) => EventField.fromPath(`$.detail.object.${field}`);
  const rule = new Rule(scope, 'PictureUploaded', {
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
        image_url: `${origin}/${picture('key')}`,
        idempotency_key: `${picture('etag')}-${picture('sequencer')}`,
      }),
    }),
  );
  return uploads;
};
