import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

export const grantRequests = (shop: IGrantable, photoAvatars: PhotoAvatars) => {
  photoAvatars.grantRequest(shop); // send to the queue
  photoAvatars.grantDirectInvoke(shop); // invoke the api function and wait for the record
};
