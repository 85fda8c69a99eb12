import type { PhotoAvatarRequest } from '../../lambda/domain/request/contract.ts';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';

/** A request with the required fields only. */
export const AVATAR = SAMPLE_REQUEST;

/** A request with every field. */
export const FULL_AVATAR: PhotoAvatarRequest = {
  ...AVATAR,
  ethnicity: 'South Asian',
  background: 'A bright office',
  appearance: 'Short hair, green jacket',
  image_url: 'https://example.com/face.png',
};
