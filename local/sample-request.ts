import type { PhotoAvatarRequest } from '../lambda/domain/request/contract.ts';

/** A valid request with the required fields only. */
export const SAMPLE_REQUEST: PhotoAvatarRequest = {
  age: 'Adult',
  avatar_style: 'Professional',
  gender: 'Female',
  model: 'modern',
  aspect_ratio: 'portrait',
};
