import type { PhotoAvatarRequest } from '../../lambda/domain/contract.ts';

/** A request with the required fields only. */
export const AVATAR: PhotoAvatarRequest = {
  age: 'Adult',
  avatar_style: 'Professional',
  gender: 'Female',
  model: 'modern',
  aspect_ratio: 'portrait',
};

/** A request with every field. */
export const FULL_AVATAR: PhotoAvatarRequest = {
  ...AVATAR,
  ethnicity: 'South Asian',
  background: 'A bright office',
  appearance: 'Short hair, green jacket',
  image_url: 'https://example.com/face.png',
};
