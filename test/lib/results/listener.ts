import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

/** @param shop consumes the results: it may receive them from the queue and read the images that they name */
export const addListener = (scope: Construct, photoAvatars: PhotoAvatars, shop: IGrantable) => {
  const results = new Queue(scope, 'AvatarResults', { enforceSSL: true });
  photoAvatars.onEnded('ForShop', { target: new SqsQueue(results) });
  results.grantConsumeMessages(shop);
  photoAvatars.grantReadImages(shop);
  return results;
};
