import type { PhotoAvatarRequest } from '../lambda/domain/contract.ts';

/** What is asked for where any request will do: the required fields only. */
export const SAMPLE_REQUEST: PhotoAvatarRequest = {
  age: 'Adult',
  avatar_style: 'Professional',
  gender: 'Female',
  model: 'modern',
  aspect_ratio: 'portrait',
};
