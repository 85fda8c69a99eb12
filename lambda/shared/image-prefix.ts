/** The key prefix of the image copies, shared by code and permissions. */
export const IMAGE_PREFIX = 'images/';
