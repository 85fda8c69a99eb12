import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

export const addTopic = (scope: Construct, photoAvatars: PhotoAvatars) => {
  const topic = new Topic(scope, 'AvatarRequests', { enforceSSL: true });
  topic.addSubscription(new SqsSubscription(photoAvatars.queue));
  return topic;
};
